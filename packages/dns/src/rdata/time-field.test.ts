import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { rdataOf, typeOf } from '../testing/rdata-text.ts';
import { formatTime } from './time-field.ts';

const peer = 'named-rrchecker';
const skip = spawnSync(peer, ['-h']).error === undefined ? false : `${peer} is not here`;
const seconds = [
  0,
  1,
  951_782_400,
  1_767_225_600,
  2 ** 31 - 1,
  2 ** 31,
  3_000_000_000,
  2 ** 32 - 1,
];

describe('points in time of 32 bits', () => {
  test('text and back', () => {
    assert.equal(formatTime(0), '19700101000000');
    assert.equal(formatTime(951_782_400), '20000229000000');
    assert.equal(formatTime(2 ** 32 - 1), '19691231235959');
    const type = typeOf('RRSIG');
    for (const time of seconds) {
      const wire = rdataOf('RRSIG', `A 8 2 60 ${time} ${time} 1 example. AA==`);
      const printed = type.format(wire);
      assert.match(printed, new RegExp(` ${formatTime(time)} ${formatTime(time)} `));
      assert.deepEqual(rdataOf('RRSIG', printed), wire);
    }
  });

  test('as BIND writes them', { skip }, () => {
    for (const time of seconds) {
      const input = `IN RRSIG A 8 2 60 ${time} ${time} 1 example. AA==\n`;
      const { stdout } = spawnSync(peer, ['-p'], { input, encoding: 'utf8' });
      assert.match(stdout, new RegExp(`\\s${formatTime(time)}\\s`), `${time}: ${stdout}`);
    }
  });
});
