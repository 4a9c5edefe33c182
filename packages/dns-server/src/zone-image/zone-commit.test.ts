import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { runZoneModel } from '../testing/zone-model.ts';

test(`readers between every two stores see whole versions only (seed ${seed})`, () => {
  runZoneModel(new Random(seed), 60_000, 60);
  runZoneModel(new Random(seed + 1), 30_000, 400);
});
