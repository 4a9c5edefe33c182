/**
 * Riad's answering function over given zones, without sockets. `base` lets a test take the sources from
 * a changed copy.
 */
import { createHash } from 'node:crypto';
import { parseName } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import type { Answerer as AnswererType } from '@riad/dns-server/answer/answer';
import type { AnswerOptions } from '@riad/dns-server/answer/answer-options';
import { Arena } from '@riad/octets/arena';
import { sipKey } from '@riad/octets/siphash';
import { encodeUtf8 } from '@riad/octets/utf8';
import type { ServedZone } from '../../peers/server.ts';

export type Answering = {
  /** `via`: 0 UDP, 1 TCP, 2 TLS. */
  answer(query: Uint8Array, via?: number): Uint8Array | undefined;
};

export const answerOptions: AnswerOptions = {
  maxUdpOctets: 1232,
  nsid: new Uint8Array(0),
  versionText: new Uint8Array(0),
  keepaliveUnits: 300,
  rateLimit: { responsesPerSecond: 0, slip: 0, ipv4PrefixBits: 24, ipv6PrefixBits: 56 },
  askers: undefined,
};

export const sha1 = (
  data: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): void => out.set(createHash('sha1').update(data.subarray(start, end)).digest(), at);

const ownSources = new URL('../../../packages/dns-server/src/', import.meta.url);

export async function riadAnswering(
  zones: readonly ServedZone[],
  base: URL = ownSources,
): Promise<Answering> {
  type Answers = typeof import('@riad/dns-server/answer/answer');
  type Slots = typeof import('@riad/dns-server/zone-image/reader-slots');
  const { Answerer } = await from<Answers>(base, 'answer/answer.ts');
  const { claimReaderSlot } = await from<Slots>(base, 'zone-image/reader-slots.ts');
  const tail = 1 << 20;
  const size = 256 << 20;
  const arena = Arena.reserve(size, tail);
  await publish(arena, zones, base);
  const start = size - tail;
  const places = {
    scratch: start,
    counters: (start + 4096) / 4,
    clock: (start + 8192) / 4,
    rates: (start + 8256) / 4,
  };
  const answerer: AnswererType = new Answerer(
    arena,
    places,
    claimReaderSlot(arena.words),
    answerOptions,
    { current: sipKey(new Uint8Array(16)), previous: undefined },
    sha1,
  );
  const [query, out, client] = [start + (1 << 17), start + (1 << 18), start + 16384];
  arena.octets.set([127, 0, 0, 1], client);
  return {
    answer(octets, via = 0) {
      arena.octets.set(octets, query);
      answerer.enter();
      const length = answerer.answer(query, octets.length, out, 65535, via, client, 4);
      return length > 0 ? arena.octets.slice(out, out + length) : undefined;
    },
  };
}

/** Builds the zones into the arena's image and puts them in force. */
export async function publish(
  arena: Arena,
  zones: readonly ServedZone[],
  base: URL = ownSources,
): Promise<void> {
  type Images = typeof import('@riad/dns-server/zone-image/zone-image');
  type Builders = typeof import('@riad/dns-server/zone-image/zone-builder');
  const { ZoneImage } = await from<Images>(base, 'zone-image/zone-image.ts');
  const { ZoneBuilder } = await from<Builders>(base, 'zone-image/zone-builder.ts');
  const image = ZoneImage.create(arena, 0x5eed);
  for (const { name, text } of zones) {
    const octets = typeof text === 'string' ? encodeUtf8(text) : text;
    const origin = parseName(name === '.' ? '.' : `${name.replace(/\.$/, '')}.`);
    const builder = new ZoneBuilder(image, origin, 1000, sha1);
    const errors = readZoneFile(octets, { file: name, origin }, builder);
    const zone = errors.length === 0 ? builder.finish(image.nextVersion, 0) : 0;
    if (zone === 0)
      throw new Error(
        `${name}: ${[...errors, ...builder.faults].map((fault) => fault.message).join('; ')}`,
      );
    image.publish(origin, zone, true);
  }
}

async function from<Module>(base: URL, path: string): Promise<Module> {
  return (await import(new URL(path, base).href)) as Module;
}
