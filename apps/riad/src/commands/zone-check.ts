import { createHash, randomInt } from 'node:crypto';
import type { Name } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { CheckedZone } from '@riad/dns-server/zone-check/checked-zone';
import { checkZone } from '@riad/dns-server/zone-check/zone-check';
import { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { type LoadFault, loadZone } from '@riad/dns-server/zone-loading/load-zone';
import { Arena } from '@riad/octets/arena';
import { openZoneFile } from './zone-file.ts';

/** Reserved, not used: pages are the kernel's until something is written. */
const reserveOctets = 2 ** 31;

type Result = {
  file: string;
  good: boolean;
  faults: readonly object[];
  warnings: readonly object[];
};

/** Loads each file as the server would and says what the server would say, and what looks wrong besides. */
export async function run(
  files: readonly string[],
  options: { origin?: string; json?: boolean },
): Promise<number> {
  const results = files.map((file): Result => {
    const { origin, text, include } = openZoneFile(file, options.origin);
    const image = ZoneImage.create(Arena.reserve(reserveOctets), randomInt(2 ** 32));
    const request = { apexName: origin, text, file, before: undefined, include, confirmed: true };
    const outcome = loadZone(image, request, sha1);
    const faults = outcome.kind === 'refused' ? outcome.faults : [];
    const warnings =
      outcome.kind === 'loaded'
        ? [...outcome.warnings, ...findings(origin, text, file, include)]
        : [];
    if (!options.json) {
      for (const { file, line, column, message } of faults)
        process.stdout.write(`${file}:${line}:${column}: ${message}\n`);
      for (const { file, line, column, message } of warnings)
        process.stdout.write(`${file}:${line}:${column}: warning: ${message}\n`);
      if (faults.length === 0) process.stdout.write(`${file}: good\n`);
    }
    return { file, good: faults.length === 0, faults, warnings };
  });
  if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  return results.every(({ good }) => good) ? 0 : 1;
}

/** The zone can be served; this is what its owner will hardly have meant. */
function findings(
  origin: Name,
  text: Uint8Array,
  file: string,
  include: (path: string) => Uint8Array | undefined,
): LoadFault[] {
  const zone = new CheckedZone(origin);
  readZoneFile(text, { file, origin, include }, zone);
  return checkZone(zone).map((finding) => ({ ...finding, column: 1 }));
}

function sha1(data: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): void {
  out.set(createHash('sha1').update(data.subarray(start, end)).digest(), outAt);
}
