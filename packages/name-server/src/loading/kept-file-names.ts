/** Names of the files in which texts and transfers of zones are kept, side by side in one folder. */
import { crc32 } from 'node:zlib';

const transferEnd = '.axfr';
const writtenEnd = '.written';
/** Of a file that is being written. */
export const newEnd = '.new';

/** Zone names may hold any octet; file names may not. Each text has a name of its own, so that none is written over. */
export function textFileName(zone: string, sequence: number, checksum: number): string {
  const plain = zone.replaceAll(
    /[^a-z0-9._-]/g,
    (character) => `%${character.codePointAt(0)!.toString(16)}%`,
  );
  const name =
    plain.length > 150
      ? `${plain.slice(0, 100)}~${crc32(zone).toString(16)}`
      : plain === '.'
        ? '@'
        : plain;
  return `${name}~${sequence}-${checksum.toString(16)}`;
}

/**
 * Of a text that updates were written into. It is there before the zone's own file is written, and says
 * what of the journal that file has, should a crash come before anybody has heard of it.
 */
export function writtenFileName(zone: string, sequence: number, checksum: number): string {
  return `${textFileName(zone, sequence, checksum)}${writtenEnd}`;
}

/** What the name of such a file says besides the zone; undefined for others. */
export function readWrittenFileName(
  file: string,
): { readonly sequence: number; readonly checksum: number } | undefined {
  const match = /~(\d+)-([0-9a-f]+)\.written$/.exec(file);
  if (match === null) return undefined;
  return { sequence: Number(match[1]), checksum: Number.parseInt(match[2]!, 16) };
}

export function transferFileName(zone: string, sequence: number, checksum: number): string {
  return `${textFileName(zone, sequence, checksum)}${transferEnd}`;
}

/** Also one that is being written. A text never ends like this, but in its checksum. */
export function isTransferFile(file: string): boolean {
  return file.endsWith(transferEnd) || file.endsWith(`${transferEnd}${newEnd}`);
}
