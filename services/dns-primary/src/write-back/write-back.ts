/**
 * Writes into the zones' files what updates have changed, some time after they were answered: the
 * journal has them already. Changes that come close together are one write. A file that somebody has
 * edited meanwhile is read first, and one that cannot be written to is tried again.
 */
import { Worker } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import type {
  PendingChanges,
  ZoneCommand,
  ZoneNews,
  ZoneResult,
} from '@riad/name-server/loading/loader-messages';
import type { Log } from '@riad/runtime/logging/log';
import type { EditReply, EditRequest } from './text-edits.ts';
import type { WriteTarget } from './write-target.ts';

/** Changes gather for so long … */
export const gatherMs = 1000;
/** … and for so many times as long as editing the text took the last time. */
const restFactor = 20;
/** What did not work is tried again after so long, then after twice as long, … */
export const firstRetryMs = 1000;
export const longestRetryMs = 60_000;

export type WriteBackParts = {
  readonly target: WriteTarget;
  readonly perform: (command: ZoneCommand) => Promise<ZoneResult>;
  /** Between the write and the loader's hearing of it, the target is not read for the loader. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Where the last good texts are. */
  readonly textFolder: string;
  readonly rootOrigin: boolean;
  /** The zone's file in the target; undefined while it has none. */
  readonly fileOf: (zone: string) => string | undefined;
  readonly log: Log;
};

type ZoneWork = {
  timer: NodeJS.Timeout | undefined;
  running: boolean;
  /** Something has changed since the write under way began. */
  again: boolean;
  editMs: number;
  failures: number;
  complaint: string | undefined;
};

export class WriteBack {
  readonly #parts: WriteBackParts;
  readonly #zones = new Map<string, ZoneWork>();
  #thread: Worker | undefined;
  #nextId = 1;
  readonly #waiting = new Map<number, (reply: EditReply) => void>();
  #stopped = false;
  readonly #running = new Set<Promise<void>>();
  readonly counts = { written: 0, failed: 0 };

  constructor(parts: WriteBackParts) {
    this.#parts = parts;
  }

  /** Zones whose files cannot be written, one sentence each. */
  complaints(): string[] {
    return [...this.#zones].flatMap(([zone, { complaint }]) =>
      complaint === undefined
        ? []
        : [`zone ${zone}: updates are served but not in its file yet: ${complaint}`],
    );
  }

  complaintOf(zone: string): string | undefined {
    return this.#zones.get(zone)?.complaint;
  }

  /** Takes what the loader tells. */
  changed(news: readonly ZoneNews[]): void {
    for (const { zone, pending } of news) if (pending) this.#soon(zone.name);
  }

  /** Writes what there is now; resolves when that is done. */
  async flush(zone: string): Promise<void> {
    const work = this.#workOf(zone);
    clearTimeout(work.timer);
    work.timer = undefined;
    await this.#start(zone, work);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { timer } of this.#zones.values()) clearTimeout(timer);
    await Promise.all(this.#running);
    await this.#thread?.terminate();
  }

  #workOf(zone: string): ZoneWork {
    let work = this.#zones.get(zone);
    if (work === undefined) {
      work = {
        timer: undefined,
        running: false,
        again: false,
        editMs: 0,
        failures: 0,
        complaint: undefined,
      };
      this.#zones.set(zone, work);
    }
    return work;
  }

  #soon(zone: string, waitMs: number = 0): void {
    if (this.#stopped) return;
    const work = this.#workOf(zone);
    if (work.running) {
      work.again = true;
      return;
    }
    if (work.timer !== undefined) return;
    const due = Math.max(gatherMs, waitMs, work.editMs * restFactor);
    work.timer = setTimeout(() => {
      work.timer = undefined;
      void this.#start(zone, work);
    }, due);
  }

  async #start(zone: string, work: ZoneWork): Promise<void> {
    if (work.running || this.#stopped) return;
    work.running = true;
    work.again = false;
    const run = this.#run(zone, work).finally(() => {
      work.running = false;
      this.#running.delete(run);
    });
    this.#running.add(run);
    await run;
    if (work.complaint !== undefined) {
      work.failures++;
      const wait = Math.min(longestRetryMs, firstRetryMs * 2 ** (work.failures - 1));
      this.#soon(zone, wait);
    } else {
      work.failures = 0;
      if (work.again) this.#soon(zone);
    }
  }

  async #run(zone: string, work: ZoneWork): Promise<void> {
    const { log } = this.#parts;
    let problem: string | undefined;
    try {
      problem = await this.#write(zone, work);
    } catch (error) {
      problem = (error as Error).message;
      const { code = '' } = error as NodeJS.ErrnoException;
      if (['EACCES', 'EPERM', 'EROFS'].includes(code))
        problem += '; let the service’s user write there, or say writeBack: false';
    }
    if (problem !== undefined) {
      this.counts.failed++;
      if (problem !== work.complaint) log.warn('zone file not written', { zone, reason: problem });
    }
    work.complaint = problem;
  }

  /** Returns why the file does not have it all afterwards; undefined when it has. */
  async #write(zone: string, work: ZoneWork): Promise<string | undefined> {
    const { target, perform, exclusively, fileOf, textFolder, rootOrigin, log } = this.#parts;
    const result = await perform({ type: 'pending', zone });
    if (result.kind !== 'pending' || result.changes.length === 0) return undefined;
    const file = fileOf(zone);
    const present = file === undefined ? undefined : await target.read(file);
    if (file === undefined || present === undefined) return 'its file is gone';
    if (!isKept(present.octets, result)) return 'its file was changed and is not read yet';
    const { changes, sequence, regular } = result;
    const edited = await this.#edit({
      zone,
      file,
      rootOrigin,
      text: present.octets,
      changes,
      textFolder,
      sequence,
    });
    if (!edited.ok) return edited.sentence;
    work.editMs = edited.milliseconds;
    const same = Buffer.compare(edited.text, present.octets) === 0;
    const { file: name, crc32: checksum, text, reason } = edited;
    const octets = text.length;
    const written = await exclusively(async () => {
      if (!same && !(await target.write(file, present.version, text, reason))) return false;
      const kept = { file: name, octets, crc32: checksum, regular, sequence };
      await perform({ type: 'written', zone, text: kept });
      return true;
    });
    if (!written) return 'its file was changed and is not read yet';
    if (!same) {
      this.counts.written++;
      const milliseconds = Math.round(edited.milliseconds);
      log.info('zone file written', { zone, changes: edited.changes, milliseconds });
    }
    return undefined;
  }

  #edit(request: Omit<EditRequest, 'id'>): Promise<EditReply> {
    const thread = this.#startThread();
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<EditReply>();
    this.#waiting.set(id, resolve);
    thread.postMessage({ ...request, id });
    return promise;
  }

  /** Not before there is something to write: most servers are never sent an update. */
  #startThread(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    const thread = new Worker(new URL('./edit-thread.ts', import.meta.url));
    thread.unref();
    thread.on('message', (reply: EditReply) => {
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
    const ended = (sentence: string): void => {
      this.#thread = undefined;
      for (const [id, resolve] of this.#waiting) resolve({ id, ok: false, sentence });
      this.#waiting.clear();
    };
    thread.on('error', (error) => ended((error as Error).message));
    thread.on('exit', () => ended('the thread that edits texts ended'));
    this.#thread = thread;
    return thread;
  }
}

function isKept(octets: Uint8Array, { text }: PendingChanges): boolean {
  return octets.length === text.octets && crc32(octets) === text.crc32;
}
