/** How long a change of one record takes from being given to the zone database to being served. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseName } from '@riad/dns/name';
import { layOutTail } from '@riad/name-server/answering/arena-layout';
import { Loader } from '@riad/name-server/loading/loader';
import { Arena } from '@riad/octets/arena';
import { type Bar, bar } from './report.ts';
import type { Zone } from './servers.ts';
import { hostAddress } from './zones.ts';

const regionOctets = 1 << 30;
const changes = 200;
const typeA = 1;

/** Changes the address of one host after the other; a change is published before it is acknowledged. */
export async function measureChanges(
  zone: Zone,
  names: number,
  folder: string,
): Promise<{ figures: { medianMs: number; slowestMs: number }; bars: Bar[] }> {
  const { tailOctets } = layOutTail(regionOctets, 0);
  const arena = Arena.reserve(regionOctets, tailOctets);
  const stateDirectory = join(folder, 'changes-state');
  const loader = new Loader(
    { buffer: arena.buffer, tailOctets, stateDirectory },
    () => undefined,
    (error) => {
      throw error;
    },
  );
  await loader.started;
  const name = `${zone.name}.`;
  const loaded = await loader.perform({
    type: 'load',
    zone: name,
    path: zone.path,
    confirmed: true,
  });
  if (loaded.kind !== 'served') throw new Error(JSON.stringify(loaded));
  const times: number[] = [];
  for (let i = 0; i < changes; i++) {
    const host = Math.floor((i * names) / changes);
    const record = (address: string) => ({
      owner: parseName(`host${host}.${name}`),
      type: typeA,
      ttlSeconds: 3600,
      rdata: Uint8Array.from(address.split('.').map(Number)),
    });
    const begun = performance.now();
    const result = await loader.perform({
      type: 'change',
      zone: name,
      removals: [record(hostAddress(host))],
      additions: [record('192.0.2.200')],
    });
    times.push(performance.now() - begun);
    if (result.kind !== 'served') throw new Error(JSON.stringify(result));
  }
  await loader.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
  times.sort((a, b) => a - b);
  const figures = { medianMs: times[changes >> 1]!, slowestMs: times[changes - 1]! };
  return {
    figures,
    bars: [bar('a million names: a changed record served, ms', figures.slowestMs, 10)],
  };
}
