/** What a UDP worker thread answers with; see `net/udp/worker.ts`. */
import { Opcode } from '@riad/dns/iana/opcodes';
import { Answerer } from '@riad/dns-server/answer/answer';
import type { AnswerPlaces } from '@riad/dns-server/answer/answer-options';
import { outcome, transport } from '@riad/dns-server/answer/query-state';
import { claimReaderSlot } from '@riad/dns-server/zone-image/reader-slots';
import { sha1 } from '@riad/net/ciphers/sha1';
import { type BatchAnswerer, handOver, type MakeAnswerer } from '@riad/net/udp/worker-data';
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
  const { buffer, places, settings, takesUpdates } = data as AnswerWorkerData;
  const arena = new Arena(buffer);
  return new UdpAnswerer(arena.octets, answererOf(arena, places, settings), takesUpdates);
};

const notMine = outcome.notMine;
/** Rings by who reads them. */
const toMain = handOver(0);
const toLoader = handOver(1);
/** RFC 1035 §4.1.1: QR clear, then OPCODE. */
const updateBits = Opcode.UPDATE << 3;

class UdpAnswerer implements BatchAnswerer {
  readonly #octets: Uint8Array;
  readonly #answerer: Answerer;
  /** Updates go to who owns the zones at once, without a thread between. */
  readonly #takesUpdates: boolean;

  constructor(octets: Uint8Array, answerer: Answerer, takesUpdates: boolean) {
    this.#octets = octets;
    this.#answerer = answerer;
    this.#takesUpdates = takesUpdates;
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
    const answered = this.#answerer.answer(
      query,
      length,
      out,
      room,
      transport.udp,
      client,
      clientOctets,
    );
    if (answered !== notMine) return answered;
    const isUpdate = length > 2 && (this.#octets[query + 2]! & 0xf8) === updateBits;
    return isUpdate && this.#takesUpdates ? toLoader : toMain;
  }
}
