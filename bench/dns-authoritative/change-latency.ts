/** How long an update of one record takes from being given to the zone database to being on disk and served. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Opcode } from '@riad/dns/iana/opcodes';
import { noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { everyone, keysOnly } from '@riad/dns-server/access/address-list';
import { noPolicy } from '@riad/dns-server/access/policy';
import { layOutTail } from '@riad/name-server/answering/arena-layout';
import { Loader } from '@riad/name-server/loading/loader';
import { Arena } from '@riad/octets/arena';
import { type Bar, bar } from './report.ts';
import type { Zone } from './servers.ts';
import { hostAddress } from './zones.ts';

const regionOctets = 1 << 30;
const changes = 200;
const typeA = 1;
const typeSoa = 6;

/** Changes the address of one host after the other; a change is published before it is acknowledged. */
export async function measureChanges(
  zone: Zone,
  names: number,
  folder: string,
): Promise<{ figures: { medianMs: number; slowestMs: number }; bars: Bar[] }> {
  const { tailOctets, updateCounts } = layOutTail(regionOctets, 0);
  const arena = Arena.reserve(regionOctets, tailOctets);
  const stateDirectory = join(folder, 'changes-state');
  const loader = new Loader(
    {
      buffer: arena.buffer,
      tailOctets,
      stateDirectory,
      rootOrigin: false,
      raiseSerial: true,
      updates: { sources: [], counts: updateCounts },
    },
    () => undefined,
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
  const addresses = { ...keysOnly, update: everyone };
  await loader.perform({ type: 'access', keys: [], rules: { addresses, policy: noPolicy } });
  const times: number[] = [];
  const from = { transport: 'tcp', addressOctets: Uint8Array.of(127, 0, 0, 1), port: 1 } as const;
  const record = (host: number, recordClass: number, ttlSeconds: number, address: string) => ({
    owner: parseName(`host${host}.${name}`),
    type: typeA,
    class: recordClass,
    ttlSeconds,
    rdata: Uint8Array.from(address.split('.').map(Number)),
  });
  for (let i = 0; i < changes; i++) {
    const host = Math.floor((i * names) / changes);
    const message = encodeMessage({
      id: i,
      opcode: Opcode.UPDATE,
      rcode: 0,
      flags: noFlags,
      questions: [{ name: parseName(name), type: typeSoa, class: 1 }],
      answers: [],
      authorities: [record(host, 254, 0, hostAddress(host)), record(host, 1, 3600, '192.0.2.200')],
      additionals: [],
    });
    const begun = performance.now();
    const answer = await loader.update(message, from);
    times.push(performance.now() - begun);
    if (answer === undefined || (answer[3]! & 15) !== 0)
      throw new Error(`RCODE ${(answer?.[3] ?? 0) & 15}`);
  }
  await loader.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
  times.sort((a, b) => a - b);
  const figures = { medianMs: times[changes >> 1]!, slowestMs: times[changes - 1]! };
  return {
    figures,
    bars: [bar(`${names} names: a changed record served, ms`, figures.slowestMs, 10)],
  };
}
