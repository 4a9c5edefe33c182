/**
 * Where updates come in on the thread that owns the zones: from the rings that UDP workers fill, and from the
 * main thread, which has the streams. All that are there are performed together, since one write to the
 * journal then serves them all, and what comes meanwhile is the next group.
 */
import { Rcode } from '@riad/dns/iana/rcodes';
import { DatagramSender } from '@riad/net/udp/datagram-sender';
import { RequestRing, readSocketName, ringSlots } from '@riad/net/udp/request-ring';
import { formatIpAddress } from '@riad/octets/ip-address';
import type { Log } from '@riad/runtime/logging/log';
import type { UpdateResult } from '../loading/loader-messages.ts';
import type { UpdateJob } from '../loading/zone-updates.ts';
import type { Request } from '../request-opening.ts';
import type { Requester } from '../requests.ts';
import { type UpdateReply, unpackUpdates } from './passed-updates.ts';
import type { UpdateAnswering } from './update-answering.ts';

/** A socket whose worker leaves updates in a ring. */
export type UpdateSource = {
  /** Octet of RequestRing.regionOctets in the shared memory. */
  readonly ring: number;
  readonly fd: number;
};

export type UpdateTakingParts = {
  readonly buffer: SharedArrayBuffer;
  readonly sources: readonly UpdateSource[];
  readonly open: (octets: Uint8Array, from: Requester) => Request | undefined;
  readonly answering: UpdateAnswering;
  /** The results of a group, in its order; `expected` hears them while the disk writes, before they are true. */
  readonly perform: (
    jobs: readonly UpdateJob[],
    expected: (results: readonly UpdateResult[]) => void,
  ) => UpdateResult[];
  /** All of a group have their answers. */
  readonly answered: () => void;
  /** Answers what the main thread has passed on. */
  readonly reply: (replies: readonly UpdateReply[]) => void;
  readonly log: Log;
};

/**
 * Who updates one record after the other sends the next within so long: being woken on the spot costs a
 * fraction of what it costs through the event loop.
 */
const nextWithinMs = 1;
/** Commands, and other sockets, wait no longer than this for updates of one socket. */
const turnMs = 5;

type Waiting = { readonly request: Request; readonly job: UpdateJob };

export class UpdateTaking {
  readonly #parts: UpdateTakingParts;
  #group: Waiting[] = [];
  /** Of what was passed on, in the order of the group. */
  #replies = new Map<number, Uint8Array | undefined>();

  constructor(parts: UpdateTakingParts) {
    this.#parts = parts;
  }

  /** From now on: which keys there are, and what was acted upon before, is known. */
  begin(): void {
    const { buffer, sources } = this.#parts;
    // What goes wrong with a whole group is a bug, and ends the thread: nobody catches it.
    for (const { ring, fd } of sources)
      void this.#follow(new RequestRing(buffer, ring), new DatagramSender(fd));
  }

  async #follow(ring: RequestRing, sender: DatagramSender): Promise<void> {
    // The thread ends with the service, and this with the thread.
    let turnEnds = 0;
    for (;;) {
      let taken = 0;
      for (; taken < ringSlots; taken++) {
        const datagram = ring.take();
        if (datagram === undefined) break;
        const { address, port } = readSocketName(datagram.name);
        const send = (message: Uint8Array): void => void sender.send(message, datagram);
        this.#take(datagram.message, requester('udp', address, port, send));
      }
      this.perform();
      // Commands have their turn, however much comes.
      if (taken > 0 && performance.now() < turnEnds && ring.waitFilled(nextWithinMs)) continue;
      if (ring.isEmpty) await ring.filled();
      else await new Promise(setImmediate);
      turnEnds = performance.now() + turnMs;
    }
  }

  /** Updates from the main thread, packed; to be followed by `perform`. */
  passed(packed: Uint8Array): void {
    for (const { id, transport, addressOctets, port, message } of unpackUpdates(packed)) {
      this.#replies.set(id, undefined);
      const send = (octets: Uint8Array): void => void this.#replies.set(id, octets);
      this.#take(message, requester(transport, addressOctets, port, send));
    }
  }

  #take(octets: Uint8Array, from: Requester): void {
    const { open, answering, log } = this.#parts;
    let request: Request | undefined;
    try {
      request = open(octets, from);
      const job = request === undefined ? undefined : answering.admit(request);
      if (job !== undefined) this.#group.push({ request: request!, job });
    } catch (error) {
      log.error('a request could not be answered', { error, from: from.address });
      request?.reply(request.error({ rcode: Rcode.SERVFAIL }));
    }
  }

  /** Performs and answers what has come. */
  perform(): void {
    const { answering, perform, answered, reply } = this.#parts;
    if (this.#group.length > 0) {
      const group = this.#group;
      this.#group = [];
      let sealed: readonly (Uint8Array | undefined)[] = [];
      const jobs = group.map(({ job }) => job);
      const results = perform(jobs, (expected) => {
        sealed = group.map(({ request }, i) => answering.sealed(request, expected[i]!));
      });
      for (const [i, { request, job }] of group.entries())
        answering.answer(request, job, results[i]!, sealed[i]);
      answered();
    }
    if (this.#replies.size === 0) return;
    const replies = [...this.#replies].map(([id, octets]) => ({ id, octets }));
    this.#replies = new Map();
    reply(replies);
  }
}

function requester(
  transport: Requester['transport'],
  addressOctets: Uint8Array,
  port: number,
  send: (message: Uint8Array) => void,
): Requester {
  const address = formatIpAddress(addressOctets);
  return { address, addressOctets, port, transport, connection: undefined, send };
}
