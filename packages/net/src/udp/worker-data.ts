/** What a thread and its UDP worker (`worker.ts`) agree on. */

/** What the module at `UdpWorkerData.answererUrl` must export as `makeAnswerer`. */
export type MakeAnswerer = (data: unknown) => BatchAnswerer;

export type BatchAnswerer = {
  /** Begins a batch; also called when the worker woke without one. */
  enter(): void;
  /** The worker has ended. */
  leave(): void;
  /**
   * Answers the datagram of `length` octets at `query`, writing at most `room` octets to `out`; all
   * are octets in the shared region. Returns the length of the answer, 0 for none, or `handOver(i)` for a
   * datagram that the reader of the ring of that number shall answer.
   */
  answerUdp(
    query: number,
    length: number,
    out: number,
    room: number,
    client: number,
    clientOctets: number,
  ): number;
};

/** See `BatchAnswerer.answerUdp`; the first ring has the number 0. */
export function handOver(ring: number): number {
  return -1 - ring;
}

export type UdpWorkerData = {
  readonly buffer: SharedArrayBuffer;
  /** Octet of UdpBatch.regionOctets in `buffer`. */
  readonly region: number;
  /** For datagrams that other threads answer: octets of RequestRing.regionOctets in `buffer`. */
  readonly rings: readonly number[];
  /** Word in `buffer` that tells the worker what to do, followed by one in which it says where it is. */
  readonly controlWord: number;
  readonly fd: number;
  /** `NativeStart.memory`: to be closed before the worker is terminated. */
  readonly nativeStart: SharedArrayBuffer;
  readonly packetInfo: boolean;
  readonly answererUrl: string;
  readonly answererData: unknown;
};

/** What the control word says. */
export const control = { wait: 0, run: 1, stop: 2 } as const;
/** What the word behind it says. */
export const progress = { starting: 0, ready: 1, ended: 2 } as const;
