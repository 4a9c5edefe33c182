/**
 * `npm run campaign -- transfer-peers [--records=1000000] [--rounds=5]`: a large zone of the running
 * service, kept by BIND, NSD and Knot (interop/dns/secondary-peers): taken whole, then the differences of
 * large updates and of edits of its file, in turn. After each all four hold the same records.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { missingSecondary, SecondariesHouse } from '../interop/dns/secondary-peers/house.ts';
import { largeText } from '../interop/dns/secondary-peers/zones.ts';
import { sharedKeys } from '../interop/dns/tsig/keys.ts';
import { UpdateSession } from '../interop/dns/update/programs.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
  },
});
const records = Number(values.records);
/** Of one message, whose 64 KiB they nearly fill. */
const changesEach = 1000;

if (missingSecondary !== false) throw new Error(missingSecondary);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const folder = mkdtempSync(join(tmpdir(), 'riad-transfer-peers-'));
const zone = 'large.tsig.test';
const keys = sharedKeys();
const key = keys[2]!;
let begun = performance.now();
const passed = (): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
try {
  const zones = [{ name: zone, text: largeText(records), key, overTls: false }];
  const house = await SecondariesHouse.start(zones, keys, key, folder);
  try {
    let { serial, lines } = await house.agreed(zone);
    say(`${lines.length} records: loaded, taken whole and compared after ${passed()}`);
    for (let round = 0; round < Number(values.rounds); round++) {
      begun = performance.now();
      const road = { port: house.riad.port, zone: `${zone}.`, key, over: 'tcp' } as const;
      await using session = new UpdateSession('nsupdate', road);
      for (let message = 0; message < 5; message++) {
        const first = (round * 5 + message) * changesEach;
        const changes = Array.from({ length: changesEach }, (_, i) =>
          i % 2 === 0
            ? `update delete host${first + i}.${zone}. A`
            : `update add new${first + i}.${zone}. 60 A 192.0.2.1`,
        );
        const code = await session.send(changes);
        if (code !== 'NOERROR') throw new Error(`an update was answered with ${code}`);
      }
      ({ serial, lines } = await house.agreed(zone, serial));
      say(`round ${round}: ${5 * changesEach} changes by updates, agreed after ${passed()}`);
      begun = performance.now();
      const path = house.zoneFile(zone);
      const word = `edited${round}`;
      const before = readFileSync(path, 'utf8');
      const after = before.replace(`\nhost${records - 1 - round} `, `\n${word} `);
      if (before === after) throw new Error('there was nothing to edit');
      writeFileSync(path, after);
      ({ serial, lines } = await house.agreed(zone, serial));
      if (!lines.some((line) => line.startsWith(`${word}.`))) throw new Error(`${word} is missing`);
      say(`round ${round}: an edit of the file, agreed after ${passed()}`);
    }
  } finally {
    await house.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
