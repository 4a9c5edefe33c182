/** A zone file as the commands take it: its name is the zone's, and included files lie below it. */
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Name, parseName } from '@riad/dns/name';
import { readIncluded } from '@riad/name-server/loading/included-file';
import { Refusal } from '../refusal.ts';

export type ZoneFile = {
  readonly origin: Name;
  readonly text: Uint8Array;
  readonly include: (path: string) => Uint8Array | undefined;
};

export function openZoneFile(file: string, originText: string | undefined): ZoneFile {
  const name = originText ?? basename(file).replace(/\.zone$/, '');
  let origin: Name;
  try {
    origin = parseName(name.endsWith('.') ? name : `${name}.`);
  } catch (error) {
    throw new Refusal(`"${name}" is no zone's name: ${(error as Error).message}`);
  }
  const folder = dirname(resolve(file));
  return {
    origin,
    text: readFileSync(file),
    include: (path) => readIncluded(folder, path),
  };
}
