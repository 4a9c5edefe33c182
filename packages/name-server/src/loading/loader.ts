/** The main thread's end of the loader thread. */
import { Worker } from 'node:worker_threads';
import { NativeStart } from '@riad/net/ffi/native-start';
import type { Requester } from '../requests.ts';
import { type PassedUpdate, packUpdates } from '../updating/passed-updates.ts';
import type { LogLine } from '../updating/thread-log.ts';
import { unpackChanges } from './change-messages.ts';
import type {
  LoaderData,
  LoaderReply,
  LoaderRequest,
  ServedChange,
  ServedZone,
  UpdateCommand,
  ZoneCommand,
  ZoneNews,
  ZoneResult,
} from './loader-messages.ts';

export type LoaderStart = {
  readonly zones: readonly ServedZone[];
  readonly from: string;
  readonly complaints: readonly string[];
};

type Waiting = {
  readonly resolve: (result: ZoneResult | Uint8Array | undefined) => void;
  readonly reject: (error: Error) => void;
};

export type ChangeListener = (changes: readonly ServedChange[], news: readonly ZoneNews[]) => void;

/** Updates over streams that wait for the loader, which may be reading a large zone. */
export const maxWaitingUpdates = 1024;
/** A service stops within a second, so that its supervisor need not kill it. */
const lastCommandsMs = 500;

export class Loader {
  readonly #worker: Worker;
  readonly #nativeStart = new NativeStart();
  readonly #waiting = new Map<number, Waiting>();
  #requests: LoaderRequest[] = [];
  /** Updates that go after those. */
  #updates: PassedUpdate[] = [];
  #nextId = 1;
  #stopping = false;
  /** Hears of each command that has ended. */
  #settled: (() => void) | undefined;
  /** Octets of shared memory in use, as last told. */
  usedOctets = 0;
  /** Hears how many warnings there are about a zone, some time after it was loaded. */
  warned: (zone: string, count: number, first: string | undefined) => void = () => {};
  #changed: ChangeListener | undefined;
  /** What was told before anybody listened. */
  #early: Parameters<ChangeListener>[] = [];
  readonly started: Promise<LoaderStart>;
  /** Resolves when listeners have heard of all zones; until then nobody knows which there are. */
  readonly caughtUp: Promise<void>;

  /** `complain` hears what went wrong without anybody having asked; `log` what updates gave cause to say; `died` that the thread is gone. */
  constructor(
    places: Omit<LoaderData, 'nativeStart'>,
    complain: (text: string) => void,
    log: (line: LogLine) => void,
    died: (error: Error) => void,
  ) {
    const workerData: LoaderData = { ...places, nativeStart: this.#nativeStart.memory };
    this.#worker = new Worker(new URL('./loader-thread.ts', import.meta.url), { workerData });
    const { promise, resolve, reject } = Promise.withResolvers<LoaderStart>();
    this.started = promise;
    const caughtUp = Promise.withResolvers<void>();
    this.caughtUp = caughtUp.promise;
    const take = (reply: LoaderReply): void => {
      if (reply.type === 'ready') resolve(reply);
      else if (reply.type === 'result') this.#settle(reply.id, reply.result);
      else if (reply.type === 'updated')
        for (const { id, octets } of reply.replies) this.#settle(id, octets);
      else if (reply.type === 'log') log(reply.line);
      else if (reply.type === 'complaint') complain(reply.text);
      else if (reply.type === 'caught-up') caughtUp.resolve();
      else if (reply.type === 'changes') this.#tell(unpackChanges(reply.changes), reply.news);
      else if (reply.type === 'warnings') this.warned(reply.zone, reply.count, reply.first);
      else this.usedOctets = reply.usedOctets;
    };
    this.#worker.on('message', (replies: readonly LoaderReply[]) => {
      for (const reply of replies) take(reply);
    });
    const end = (error: Error): void => {
      reject(error);
      for (const { reject: rejectOne } of this.#waiting.values()) rejectOne(error);
      this.#waiting.clear();
      if (!this.#stopping) died(error);
    };
    this.#worker.on('error', end);
    this.#worker.on('exit', () => end(new Error('the loader thread ended')));
  }

  /** `listener` hears what is in the journal and served: at the start all that is kept, then each change. */
  listen(listener: ChangeListener): void {
    this.#changed = listener;
    for (const told of this.#early) listener(...told);
    this.#early = [];
  }

  #tell(...told: Parameters<ChangeListener>): void {
    if (this.#changed === undefined) this.#early.push(told);
    else this.#changed(...told);
  }

  /**
   * Has an update answered that came over a stream. Resolves with the answer, or without one if it gets
   * none; undefined when too many wait.
   */
  update(
    message: Uint8Array,
    from: Pick<Requester, 'transport' | 'addressOctets' | 'port'>,
  ): Promise<Uint8Array | undefined> | undefined {
    if (this.#waiting.size >= maxWaitingUpdates) return undefined;
    const { id, promise } = this.#begin<Uint8Array | undefined>();
    const { transport, addressOctets, port } = from;
    this.#updates.push({ id, transport, addressOctets, port, message });
    return promise;
  }

  perform(command: ZoneCommand | UpdateCommand): Promise<ZoneResult> {
    const { id, promise } = this.#begin<ZoneResult>();
    this.#packUpdates();
    this.#requests.push({ id, command });
    return promise;
  }

  /** What is asked in one turn leaves together: each message wakes the other thread. */
  #begin<Result>(): { id: number; promise: Promise<Result> } {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    // What comes under a number is what was asked for under it.
    this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
    if (this.#requests.length + this.#updates.length === 0) setImmediate(() => this.#send());
    return { id, promise };
  }

  #packUpdates(): void {
    if (this.#updates.length === 0) return;
    this.#requests.push({ updates: packUpdates(this.#updates) });
    this.#updates = [];
  }

  #send(): void {
    this.#packUpdates();
    const requests = this.#requests;
    this.#requests = [];
    if (requests.length > 0) this.#worker.postMessage(requests);
  }

  #settle(id: number, result: ZoneResult | Uint8Array | undefined): void {
    this.#waiting.get(id)?.resolve(result);
    this.#waiting.delete(id);
    this.#settled?.();
  }

  /**
   * What was served must be on disk as well: commands that are under way have a moment to end. A long
   * load is given up then; what it had not published is not missed.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#send();
    const end = performance.now() + lastCommandsMs;
    while (this.#waiting.size > 0 && performance.now() < end) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#settled = resolve;
      const late = setTimeout(resolve, end - performance.now());
      await promise;
      clearTimeout(late);
    }
    await this.#nativeStart.close();
    await this.#worker.terminate();
  }
}
