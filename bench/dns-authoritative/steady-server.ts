/** Serves one zone with one UDP worker until it is killed: node steady-server.ts '{"zone":…}' */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { parseName } from '@riad/dns/name';
import { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { loadZone } from '@riad/dns-server/zone-loading/load-zone';
import { layOutTail } from '@riad/name-server/answering/arena-layout';
import { sha1 } from '@riad/net/ciphers/sha1';
import { NativeStart } from '@riad/net/ffi/native-start';
import { openUdpSocket } from '@riad/net/ffi/socket';
import { control, type UdpWorkerData } from '@riad/net/udp/worker-data';
import { Arena } from '@riad/octets/arena';
import type { SteadyData } from './steady-worker.ts';

export type SteadyOrder = {
  readonly zone: { readonly name: string; readonly path: string };
  readonly port: number;
  readonly warmUp: number;
  readonly count: number;
};

const { zone, port, warmUp, count } = JSON.parse(process.argv[2] ?? '{}') as SteadyOrder;
const regionOctets = 256 << 20;
const layout = layOutTail(regionOctets, 1);
const arena = Arena.reserve(regionOctets, layout.tailOctets);
const image = ZoneImage.create(arena, 1);
const outcome = loadZone(
  image,
  {
    apexName: parseName(zone.name),
    text: readFileSync(zone.path),
    file: zone.path,
    before: undefined,
    include: () => undefined,
    confirmed: true,
  },
  sha1(),
);
if (outcome.kind !== 'loaded') throw new Error(`${zone.path}: ${JSON.stringify(outcome)}`);
const [places] = layout.workers;
const settings = {
  identity: '',
  version: '',
  maxUdpOctets: 1232,
  keepaliveUnits: 300,
  rateLimit: { responsesPerSecond: 0, slip: 2, ipv4PrefixBits: 24, ipv6PrefixBits: 56 },
  cookieSecret: new Uint8Array(16).fill(7),
};
const answererData: SteadyData = {
  service: { buffer: arena.buffer, places: places!.answer, settings },
  warmUp,
  count,
};
const workerData: UdpWorkerData = {
  buffer: arena.buffer,
  region: places!.batch,
  rings: [places!.ring],
  controlWord: places!.control,
  nativeStart: new NativeStart().memory,
  fd: openUdpSocket('127.0.0.1', port, { receiveBufferOctets: 8 << 20 }),
  packetInfo: false,
  answererUrl: new URL('./steady-worker.ts', import.meta.url).href,
  answererData,
};
arena.words[places!.control] = control.run;
arena.words[layout.clock] = Math.floor(Date.now() / 1000);
new Worker(new URL(import.meta.resolve('@riad/net/udp/worker')), { workerData });
