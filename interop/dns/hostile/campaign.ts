/**
 * Sends the same hostile packets to BIND, NSD, Knot and a running Riad, over UDP and TCP, and compares how
 * they take them. Riad must go on answering, keep its memory, and not fill its log.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseName } from '@riad/dns/name';
import { formatHex } from '@riad/octets/hex';
import type { Random } from '@riad/octets/testing/random';
import { withPeers } from '../../peers/all.ts';
import { startRiad } from '../../peers/riad.ts';
import type { RunningServer } from '../../peers/server.ts';
import { encodeQuery, makeQueries } from '../authoritative/queries.ts';
import { handmadeZones } from '../authoritative/zones/handmade.ts';
import { patientReactions, type Reaction, reactionsOverTcp, reactionsOverUdp } from './ask.ts';
import { type Disagreement, excuseOf } from './excuses.ts';
import { makePackets, type Packet } from './packets.ts';

/** Zones about which the peers are of one mind, so that only the packet can make a difference. */
export const zones = handmadeZones.slice(0, 3);
export const sentinel = encodeQuery(parseName('wild.example.'), 6, undefined, false);

/**
 * What the process may grow by while it is attacked. UDP takes 2 MiB and no more (400,000 packets); a
 * connection for each packet lets the heap of the main thread grow by 100 MiB before V8 finds it worth
 * collecting (at 52,000 connections; 92,000 took no more). Half as much again is left for other machines.
 */
export const maxGrowthMebibytes = 150;
/** Lines a stranger may make it log in all: a handful per kind of event and ten seconds. */
export const maxLogLines = 20;

export type Outcome = {
  readonly packets: number;
  /** On which two of the three agreed, or all. */
  readonly judged: number;
  readonly excused: ReadonlyMap<string, number>;
  /** Lines for people, of what nothing excuses. */
  readonly faults: readonly string[];
};

export type Watched = { readonly growthMebibytes: number; readonly logLines: number };

/** Runs `body` with the peers and Riad over the same zones; the peers come first. */
export function withAll<Result>(
  folder: string,
  body: (peers: readonly RunningServer[], riad: RunningServer) => Promise<Result>,
): Promise<Result> {
  return withPeers(zones, folder, async (peers) => {
    const riad = await startRiad(zones, join(folder, 'riad'));
    try {
      return await body(peers, riad);
    } finally {
      await riad.stop();
    }
  });
}

export async function compareReactions(
  peers: readonly RunningServer[],
  riad: RunningServer,
  road: 'udp' | 'tcp',
  count: number,
  random: Random,
): Promise<Outcome> {
  const packets = makePackets(makeQueries(zones, 300, random), count, random);
  const octets = packets.map((packet) => packet.octets);
  const ask = road === 'udp' ? reactionsOverUdp : reactionsOverTcp;
  const by: Record<string, readonly Reaction[]> = {};
  for (const target of [...peers, riad]) by[target.name] = await ask(target, octets, sentinel);
  let judged = 0;
  const excused = new Map<string, number>();
  const faults: string[] = [];
  const unlike: { packet: Packet; theirs: Reaction; said: string }[] = [];
  packets.forEach((packet, i) => {
    const own = by[riad.name]![i]!;
    if (own === 'malformed') faults.push(`unreadable answer: ${describe(packet)}`);
    const others = peers.map(({ name }) => by[name]![i]!);
    const theirs = others.find(
      (one, at) => others.indexOf(one) !== at || others.lastIndexOf(one) !== at,
    );
    if (theirs === undefined || theirs === 'malformed') return;
    judged++;
    if (own === theirs) return;
    const found: Disagreement = { octets: packet.octets, theirs, riad: own };
    const why = excuseOf(found);
    if (why !== undefined) excused.set(why, (excused.get(why) ?? 0) + 1);
    else {
      const said = peers.map(({ name }, at) => `${name} ${others[at]}`).join(', ');
      if (own === 'silence') unlike.push({ packet, theirs, said });
      else faults.push(`${said}, Riad ${own}: ${describe(packet)}`);
    }
  });
  const asked = unlike.map(({ packet }) => packet.octets);
  const last = await patientReactions(riad, road, asked, sentinel);
  unlike.forEach(({ packet, theirs, said }, i) => {
    if (last[i] !== theirs) faults.push(`${said}, Riad ${last[i]}: ${describe(packet)}`);
  });
  return { packets: packets.length, judged, excused, faults };
}

function describe({ octets, what }: { octets: Uint8Array; what: string }): string {
  return `${what} (${formatHex(octets)})`;
}

/** How much a process grows and logs while `body` runs. */
export async function watched(riad: RunningServer, body: () => Promise<void>): Promise<Watched> {
  const before = { resident: residentMebibytes(riad), lines: riad.logLines() };
  await body();
  return {
    growthMebibytes: residentMebibytes(riad) - before.resident,
    logLines: riad.logLines() - before.lines,
  };
}

function residentMebibytes({ pid }: RunningServer): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (found === null) throw new Error(`process ${pid} does not tell its memory`);
  return Number(found[1]) / 1024;
}
