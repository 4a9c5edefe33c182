/** What a UDP worker thread answers with; see `net/udp/worker.ts`. */
import { Answerer } from '@riad/dns-server/answer/answer';
import type { AnswerPlaces } from '@riad/dns-server/answer/answer-options';
import { transport } from '@riad/dns-server/answer/query-state';
import { claimReaderSlot } from '@riad/dns-server/zone-image/reader-slots';
import { sha1 } from '@riad/net/ciphers/sha1';
import type { BatchAnswerer, MakeAnswerer } from '@riad/net/udp/worker-data';
import { Arena } from '@riad/octets/arena';
import { sipKey } from '@riad/octets/siphash';
import { encodeUtf8 } from '@riad/octets/utf8';
import type { AnswerSettings, AnswerWorkerData } from '../loading/loader-messages.ts';

export function answererOf(arena: Arena, places: AnswerPlaces, settings: AnswerSettings): Answerer {
  return new Answerer(
    arena,
    places,
    claimReaderSlot(arena.words),
    {
      maxUdpOctets: settings.maxUdpOctets,
      nsid: encodeUtf8(settings.identity),
      versionText: encodeUtf8(settings.version),
      keepaliveUnits: settings.keepaliveUnits,
      rateLimit: settings.rateLimit,
      askers: settings.askers,
    },
    { current: sipKey(settings.cookieSecret), previous: undefined },
    sha1(),
  );
}

export const makeAnswerer: MakeAnswerer = (data) => {
  const { buffer, places, settings } = data as AnswerWorkerData;
  return new UdpAnswerer(answererOf(new Arena(buffer), places, settings));
};

class UdpAnswerer implements BatchAnswerer {
  readonly #answerer: Answerer;

  constructor(answerer: Answerer) {
    this.#answerer = answerer;
  }

  enter(): void {
    this.#answerer.enter();
  }

  leave(): void {
    this.#answerer.leave();
  }

  answerUdp(
    query: number,
    length: number,
    out: number,
    room: number,
    client: number,
    clientOctets: number,
  ): number {
    return this.#answerer.answer(query, length, out, room, transport.udp, client, clientOctets);
  }
}
