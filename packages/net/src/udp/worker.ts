/**
 * The loop of a worker thread that answers UDP: receive a batch, answer it from one version of the
 * data, send the answers. It gets no events while it loops: a word in shared memory tells it to stop.
 * What to answer comes from a module that the service names.
 */
import { workerData } from 'node:worker_threads';
import { UdpBatch } from './batch.ts';

/** What the module at `UdpWorkerData.answererUrl` must export as `makeAnswerer`. */
export type MakeAnswerer = (data: unknown) => BatchAnswerer;

export type BatchAnswerer = {
  /** Begins a batch; also called when the worker woke without one. */
  enter(): void;
  /** The worker has ended. */
  leave(): void;
  /**
   * Answers the datagram of `length` octets at `query`, writing at most `room` octets to `out`; all
   * are octets in the shared region. Returns the length of the answer, or 0 or less for none.
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

export type UdpWorkerData = {
  readonly buffer: SharedArrayBuffer;
  /** Octet of UdpBatch.regionOctets in `buffer`. */
  readonly region: number;
  /** Word in `buffer` that is 0 while the worker shall run; the worker answers with 2 in the next when it is ready, 3 when it ended. */
  readonly controlWord: number;
  readonly fd: number;
  readonly packetInfo: boolean;
  readonly answererUrl: string;
  readonly answererData: unknown;
};

/** Longest time until a worker sees that it shall stop, when no query wakes it. */
const wakeMs = 200;
const maxUdpOctets = 4096;

const data = workerData as UdpWorkerData;
const module = (await import(data.answererUrl)) as { makeAnswerer: MakeAnswerer };
const answerer = module.makeAnswerer(data.answererData);
const batch = new UdpBatch(data.fd, data.buffer, data.region, data.packetInfo, wakeMs);
const words = new Int32Array(data.buffer);
Atomics.store(words, data.controlWord + 1, 2);
Atomics.notify(words, data.controlWord + 1);
run(batch, answerer, words, data.controlWord);
Atomics.store(words, data.controlWord + 1, 3);
Atomics.notify(words, data.controlWord + 1);

function run(batch: UdpBatch, answerer: BatchAnswerer, words: Int32Array, control: number): void {
  // A plain load: the system call in between keeps it from being taken out of the loop.
  while (words[control] === 0) answerBatch(batch, answerer);
  answerer.leave();
}

function answerBatch(batch: UdpBatch, answerer: BatchAnswerer): void {
  const count = batch.receive();
  answerer.enter();
  if (count === 0) return;
  for (let i = 0; i < count; i++) {
    const length = batch.lengthOf(i);
    if (length === 0) continue;
    const answered = answerer.answerUdp(
      batch.queryAt(i),
      length,
      batch.answerAt,
      maxUdpOctets,
      batch.clientAt(i),
      batch.clientOctets(i),
    );
    if (answered > 0) batch.queue(i, answered);
  }
  batch.send();
}
