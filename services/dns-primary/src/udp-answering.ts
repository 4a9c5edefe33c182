/** Who answers UDP: a worker thread for each socket that was handed over, or this thread through node:dgram. */
import { createSocket, type Socket } from 'node:dgram';
import { Worker } from 'node:worker_threads';
import { control, progress, type UdpWorkerData } from '@riad/net/udp/worker-data';
import type { Listener } from '@riad/runtime/service';
import type { WorkerPlaces } from './arena-layout.ts';
import type { AnswerSettings, AnswerWorkerData } from './loader-messages.ts';

/** Addresses that stand for all of the machine: answers must then say which one was asked. */
const wildcards = new Set(['0.0.0.0', '::']);
/** A worker wakes at least every 200 ms; longer than this it does not take to end. */
const endWithinMs = 600;

export class UdpWorker {
  readonly #worker: Worker;
  readonly #words: Int32Array;
  readonly #control: number;
  readonly ended: Promise<void>;

  constructor(
    buffer: SharedArrayBuffer,
    places: WorkerPlaces,
    settings: AnswerSettings,
    listener: Listener,
    died: (error: Error) => void,
  ) {
    this.#words = new Int32Array(buffer);
    this.#control = places.control;
    const answererData: AnswerWorkerData = { buffer, places: places.answer, settings };
    const workerData: UdpWorkerData = {
      buffer,
      region: places.batch,
      controlWord: places.control,
      fd: listener.fd!,
      packetInfo: wildcards.has(listener.address),
      answererUrl: new URL('./answer-worker.ts', import.meta.url).href,
      answererData,
    };
    // The file is named from here: the runtime of a worker is a module of its own.
    this.#worker = new Worker(new URL(import.meta.resolve('@riad/net/udp/worker')), { workerData });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#worker.on('error', (error) => died(error as Error));
    this.#worker.on('exit', () => {
      if (this.#words[this.#control] !== control.stop) died(new Error('a UDP worker ended'));
      resolve();
    });
  }

  /** Lets it answer. */
  run(): void {
    Atomics.store(this.#words, this.#control, control.run);
    Atomics.notify(this.#words, this.#control);
  }

  async stop(): Promise<void> {
    Atomics.store(this.#words, this.#control, control.stop);
    Atomics.notify(this.#words, this.#control);
    if (Atomics.load(this.#words, this.#control + 1) === progress.starting) {
      await this.#worker.terminate();
      return;
    }
    const late = setTimeout(() => void this.#worker.terminate(), endWithinMs);
    await this.ended;
    clearTimeout(late);
  }
}

export type AnswerDatagram = (query: Uint8Array, address: string) => Uint8Array | undefined;

/** The portable way: slower, the same answers. */
export async function answerWithDgram(listener: Listener, answer: AnswerDatagram): Promise<Socket> {
  const type = listener.address.includes(':') ? 'udp6' : 'udp4';
  const socket = createSocket({ type, reuseAddr: false, ipv6Only: type === 'udp6' });
  socket.on('message', (query, from) => {
    if (from.port === 0) return; // nobody can be answered there
    const reply = answer(query, from.address);
    if (reply !== undefined) socket.send(reply, from.port, from.address, () => {}); // a client that is gone is nobody's concern
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('error', reject);
  socket.bind(
    listener.fd === undefined
      ? { address: listener.address, port: listener.port, exclusive: true }
      : { fd: listener.fd },
    resolve,
  );
  await promise;
  socket.on('error', () => {});
  return socket;
}
