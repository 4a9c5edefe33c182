/** Hostile packets: good queries over the zones, made wrong in one, two or three ways. Seeded. */
import type { Random } from '@riad/octets/testing/random';
import type { Query } from '../authoritative/queries.ts';
import { joinMessage, type MessageParts, optParts } from './message-parts.ts';
import { mutations } from './mutations.ts';

export type Packet = { readonly octets: Uint8Array; readonly what: string };

export function makePackets(queries: readonly Query[], count: number, random: Random): Packet[] {
  const packets = everyCut(queries[0]!);
  while (packets.length < count) {
    const query = random.pick(queries);
    const message = partsOf(query);
    const ways = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, () =>
      random.pick(mutations),
    );
    for (const { apply } of ways) apply(message, random);
    const names = ways.map(({ name }) => name).join(' + ');
    packets.push({ octets: joinMessage(message), what: names });
  }
  return packets.slice(0, count);
}

/** One query cut at each of its octets. */
function everyCut(query: Query): Packet[] {
  const whole = joinMessage(partsOf(query));
  return Array.from({ length: whole.length }, (_, length) => ({
    octets: whole.slice(0, length),
    what: `cut after ${length} octets`,
  }));
}

export function partsOf({ name, type, edns, rd }: Query): MessageParts {
  const opt = edns === undefined ? [] : [optParts([], edns.do ? 0x8000 : 0)];
  return {
    flags: rd ? 0x0100 : 0,
    questions: [{ name: [...name], type, questionClass: 1 }],
    sections: [[], [], opt],
    claimedCounts: [],
    trailing: [],
  };
}
