/** Answers whole messages with the one answering function, for transports that bring them as octets. */

import type { Answerer } from '@riad/dns-server/answer/answer';
import { outcome } from '@riad/dns-server/answer/query-state';
import type { Arena } from '@riad/octets/arena';
import type { TailLayout } from './arena-layout.ts';

const maxMessageOctets = 65535; // RFC 1035 §4.2.2: the length has 16 bits

export class MessageAnswering {
  readonly #arena: Arena;
  readonly #answerer: Answerer;
  readonly #places: TailLayout['main'];

  constructor(arena: Arena, answerer: Answerer, places: TailLayout['main']) {
    this.#arena = arena;
    this.#answerer = answerer;
    this.#places = places;
  }

  /**
   * The answer as a view that is valid until the next call, undefined for none, or `notMine` for what
   * is no plain query. `via`: see `transport`; `permitted`: the client may ask, whatever its address.
   */
  answer(
    query: Uint8Array,
    client: Uint8Array,
    port: number,
    via: number,
    permitted: boolean = false,
  ): Uint8Array | undefined | 'notMine' {
    const { octets, view } = this.#arena;
    const { query: at, out, client: name } = this.#places;
    if (query.length > maxMessageOctets) return undefined;
    octets.set(query, at);
    // As in the name of a socket: the port stands where UDP workers have it.
    const clientAt = name + 8;
    octets.set(client, clientAt);
    view.setUint16(clientAt - (client.length === 4 ? 2 : 6), port);
    this.#answerer.enter();
    this.#answerer.permitted = permitted;
    const length = this.#answerer.answer(
      at,
      query.length,
      out,
      maxMessageOctets,
      via,
      clientAt,
      client.length,
    );
    // This thread may not come by again for hours, and the writer must not wait for it.
    this.#answerer.leave();
    if (length === outcome.notMine) return 'notMine';
    return length > 0 ? octets.subarray(out, out + length) : undefined;
  }
}
