/** A thread that answers UDP on one socket that was handed over. */
import { Worker } from 'node:worker_threads';
import { NativeStart } from '@riad/net/ffi/native-start';
import { control, progress, type UdpWorkerData } from '@riad/net/udp/worker-data';
import type { Listener } from '@riad/runtime/service';
import type { AnswerSettings, AnswerWorkerData } from '../loading/loader-messages.ts';
import type { WorkerPlaces } from './arena-layout.ts';

/** Addresses that stand for all of the machine: answers must then say which one was asked. */
const wildcards = new Set(['0.0.0.0', '::']);
/** A worker wakes at least every 200 ms; longer than this it does not take to end. */
const endWithinMs = 600;

export class UdpWorker {
  readonly #worker: Worker;
  readonly #words: Int32Array;
  readonly #control: number;
  readonly #nativeStart = new NativeStart();
  readonly ended: Promise<void>;

  constructor(
    buffer: SharedArrayBuffer,
    places: WorkerPlaces,
    settings: AnswerSettings,
    takesUpdates: boolean,
    listener: Listener,
    died: (error: Error) => void,
  ) {
    this.#words = new Int32Array(buffer);
    this.#control = places.control;
    const answererData: AnswerWorkerData = {
      buffer,
      places: places.answer,
      settings,
      takesUpdates,
    };
    const workerData: UdpWorkerData = {
      buffer,
      region: places.batch,
      rings: [places.ring, places.updateRing],
      controlWord: places.control,
      fd: listener.fd!,
      nativeStart: this.#nativeStart.memory,
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
      await this.#nativeStart.close();
      await this.#worker.terminate();
      return;
    }
    const late = setTimeout(() => void this.#worker.terminate(), endWithinMs);
    await this.ended;
    clearTimeout(late);
  }
}
