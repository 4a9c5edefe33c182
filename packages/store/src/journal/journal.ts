/**
 * A journal: payloads get sequence numbers, and a payload whose number was given out is on disk.
 *
 * Payloads that queue up while the disk syncs are its next group: one write, one fdatasync, then the
 * answers. There is no timer. An error of the disk ends all writing until the journal has been opened
 * anew, for after a failed fsync nobody knows which pages are on disk, and a second one reports
 * success for pages that the first one has dropped. Whether the payloads of the failed group are there
 * is then known after opening.
 *
 * One journal has one writer; keeping others away is the owner's business.
 */
import { randomBytes } from 'node:crypto';
import { joinOctets } from '@riad/octets/join';
import { type Disk, type DiskFile, isFull } from '../disk/disk.ts';
import { nextTurn } from '../next-turn.ts';
import { JournalError } from './journal-error.ts';
import {
  decodeRecord,
  encodeRecord,
  leastRecordOctets,
  recordHeaderOctets,
  recordOctets,
} from './record.ts';
import { notePlace, type Place, type Recovered, recover, type Segment } from './recovery.ts';
import { freeSuffix, prepareSegment, segmentHeaderOctets, segmentName } from './segment.ts';

export const defaultSegmentOctets: number = 16 << 20;
export const maxGroupPayloads = 256;
export const maxGroupOctets: number = 4 << 20;
export const maxPayloadOctets: number = 256 << 20;
export const defaultMaxQueuedOctets: number = 64 << 20;
/** Written by one call of the system, a millisecond at most. */
export const maxWriteOctets: number = 1 << 20;
/** Unused segments that keep their room on the disk. */
export const maxFreeSegments = 2;
/** Segments are a multiple of this: a page, and the sector of every disk divides it. */
export const segmentGrainOctets = 4096;

export type JournalOptions = {
  readonly disk: Disk;
  /** A folder for the journal alone; made if it is missing. */
  readonly folder: string;
  /** Of segments made from now on, a multiple of 4,096. */
  readonly segmentOctets?: number;
  /** Payloads that wait for the disk; more are refused with `journal.overloaded`. */
  readonly maxQueuedOctets?: number;
  /** Called at once when appended payloads are refused, before anybody who waits is told. */
  readonly refused?: () => void;
  /** For salts. */
  readonly random?: (lengthOctets: number) => Uint8Array;
};

export type Entry = { readonly sequence: number; readonly payload: Uint8Array };

export interface Journal extends AsyncDisposable {
  /** Of the oldest payload that is kept; equal to `nextSequence` when there is none. */
  readonly firstSequence: number;
  /** Of the payload that is written next; all before it are on disk. */
  readonly nextSequence: number;
  /** What ended all writing, if anything did. */
  readonly failure: JournalError | undefined;

  /** Why `append` would refuse the payload at once, without anything else being refused. */
  refusal(payload: Uint8Array): JournalError | undefined;

  /**
   * Resolves with the sequence number once the payload is on disk. The octets are lent until then.
   * Rejects with a `JournalError`: `journal.full` and `journal.overloaded` leave the journal usable and
   * the payload unwritten; after `journal.failed` nothing is known until the journal is opened anew.
   * A group that is refused takes all with it that waits, for it may build upon it.
   */
  append(payload: Uint8Array): Promise<number>;

  /**
   * Writes payloads with as few system calls as possible: one write and one fdatasync if they fit into
   * the segment. For a thread that owns its disk. Gives the last sequence number. Throws where `append`
   * rejects, and a RangeError while something appended waits. `meanwhile` runs once while the disk writes, before
   * anything is known of what was written; it must not throw.
   */
  appendGroupSync(payloads: readonly Uint8Array[], meanwhile?: () => void): number;

  /** Payloads on disk from that number on, oldest first, up to what is there when it gets that far. */
  entries(fromSequence?: number): Generator<Entry>;

  /** Payloads before that number are not needed any more. Frees whole segments. */
  retain(fromSequence: number): void;

  /** Takes away all payloads and the room they had, after what was appended is written: nobody needs any. */
  clear(): Promise<void>;

  /** Waits for what was appended. */
  close(): Promise<void>;
}

/** Reads what is there (`JournalError` if it is damaged), cuts what a crash has torn, and syncs. */
export function openJournal(options: JournalOptions): Journal {
  const { disk, folder, segmentOctets = defaultSegmentOctets } = options;
  if (segmentOctets <= 0 || segmentOctets % segmentGrainOctets !== 0) {
    throw new RangeError(`segmentOctets: ${segmentOctets} is no multiple of ${segmentGrainOctets}`);
  }
  disk.makeFolder(folder);
  return new SegmentedJournal(options, segmentOctets, recover(disk, folder, segmentOctets));
}

type Waiting = {
  readonly payload: Uint8Array;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: JournalError) => void;
};

/** Octets for one write. */
type Piece = { readonly number: number; readonly position: number; readonly octets: Uint8Array };

/** Done in between: a file is synced, something is waited for, or others have their turn. */
type Steps<Result> = Generator<DiskFile | Promise<void> | undefined, Result>;

class SegmentedJournal implements Journal {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #segmentOctets: number;
  readonly #random: (lengthOctets: number) => Uint8Array;
  readonly #maxQueuedOctets: number;
  readonly #refused: (() => void) | undefined;
  readonly #segments: Segment[];
  readonly #free: string[];
  /** Where the next record goes. */
  #tail: { readonly number: number; readonly position: number };
  #next: number;
  #queue: Waiting[] = [];
  #queuedOctets = 0;
  #flushing: Promise<void> | undefined;
  #preparing: Promise<void> | undefined;
  #failure: JournalError | undefined;
  #closed = false;

  constructor(options: JournalOptions, segmentOctets: number, recovered: Recovered) {
    this.#disk = options.disk;
    this.#folder = options.folder;
    this.#random = options.random ?? randomBytes;
    this.#segmentOctets = segmentOctets;
    this.#maxQueuedOctets = options.maxQueuedOctets ?? defaultMaxQueuedOctets;
    this.#refused = options.refused;
    this.#segments = recovered.segments;
    this.#free = recovered.free;
    this.#tail = recovered.tail;
    this.#next = recovered.nextSequence;
  }

  get firstSequence(): number {
    for (const { places } of this.#segments) if (places[0]) return places[0].sequence;
    return this.#next;
  }

  get nextSequence(): number {
    return this.#next;
  }

  get failure(): JournalError | undefined {
    return this.#failure;
  }

  append(payload: Uint8Array): Promise<number> {
    const refusal = this.refusal(payload);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#queue.push({ payload, resolve, reject });
    this.#queuedOctets += payload.length;
    this.#flushing ??= this.#flush();
    return promise;
  }

  appendGroupSync(payloads: readonly Uint8Array[], meanwhile?: () => void): number {
    if (this.#flushing !== undefined || this.#preparing !== undefined) {
      throw new RangeError('appendGroupSync while appended payloads wait');
    }
    for (const payload of payloads) {
      const refusal = this.refusal(payload);
      if (refusal !== undefined) throw refusal;
    }
    if (payloads.length > 0) {
      try {
        runNow(this.#write(payloads), meanwhile);
      } catch (error) {
        throw this.#judge(error);
      }
    }
    return this.#next - 1;
  }

  *entries(fromSequence: number = this.firstSequence): Generator<Entry> {
    if (fromSequence < this.firstSequence) {
      throw new RangeError(`${fromSequence} is not kept; the oldest is ${this.firstSequence}`);
    }
    let parts: Uint8Array[] = [];
    let from = this.#segmentOf(fromSequence)?.places.findLast((at) => at.sequence <= fromSequence);
    let number = this.#segmentOf(fromSequence)?.number;
    // By number and not by index: segments may go while somebody reads.
    for (; number !== undefined && number <= this.#tail.number; number++) {
      const segment = this.#segment(number);
      if (segment === undefined) return;
      const octets = this.#used(segment, from?.position ?? segmentHeaderOctets);
      from = undefined;
      for (let at = 0; ; ) {
        const part = decodeRecord(octets, at, segment.salt);
        if (part === undefined) break;
        at += recordOctets(part.octets.length);
        if (part.sequence < fromSequence) continue;
        parts.push(part.octets);
        if (!part.ends) continue;
        const payload = parts.length === 1 ? parts[0]! : joinOctets(parts);
        parts = [];
        yield { sequence: part.sequence, payload };
      }
    }
  }

  retain(fromSequence: number): void {
    if (this.#closed || this.#failure !== undefined) return;
    const kept = this.#segmentOf(fromSequence) ?? this.#segment(this.#tail.number);
    try {
      while (this.#segments.length > 0 && this.#segments[0] !== kept) {
        this.#release(this.#segments[0]!);
      }
    } catch (error) {
      throw this.#judge(error);
    }
  }

  async clear(): Promise<void> {
    while (this.#flushing !== undefined || this.#preparing !== undefined) {
      await this.#flushing;
      await this.#preparing;
    }
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const last = this.#segments.at(-1)?.number ?? this.#tail.number;
      while (this.#segments.length > 0) this.#release(this.#segments[0]!, false);
      for (const free of this.#free.splice(0)) this.#disk.unlink(`${this.#folder}/${free}`);
      this.#disk.syncFolder(this.#folder);
      this.#tail = { number: last + 1, position: segmentHeaderOctets };
    } catch (error) {
      throw this.#judge(error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
    await this.#preparing;
    for (const segment of this.#segments.splice(0)) segment.file?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  refusal(payload: Uint8Array): JournalError | undefined {
    if (payload.length > maxPayloadOctets) {
      throw new RangeError(`payload: ${payload.length} octets, at most ${maxPayloadOctets}`);
    }
    if (this.#closed) return new JournalError('journal.closed', this.#folder);
    if (this.#failure !== undefined) return this.#failure;
    const full = this.#queuedOctets + payload.length > this.#maxQueuedOctets;
    return full && this.#queue.length > 0
      ? new JournalError('journal.overloaded', this.#folder)
      : undefined;
  }

  async #flush(): Promise<void> {
    await Promise.resolve(); // what is appended in the same turn goes into the same group
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      let last: number;
      try {
        await run(this.#write(group.map(({ payload }) => payload)));
        last = this.#next - 1;
      } catch (error) {
        const reason = this.#judge(error);
        // What waits may build upon what was refused.
        const refused = [...group, ...this.#takeAll()];
        this.#refused?.();
        for (const { reject } of refused) reject(reason);
        continue;
      }
      this.#prepareAhead();
      for (const [index, { resolve }] of group.entries()) resolve(last - group.length + 1 + index);
    }
    this.#flushing = undefined;
  }

  #takeGroup(): Waiting[] {
    let count = 0;
    let octets = 0;
    for (const { payload } of this.#queue) {
      octets += payload.length;
      if (count > 0 && (octets > maxGroupOctets || count === maxGroupPayloads)) break;
      count++;
    }
    return this.#take(count);
  }

  #takeAll(): Waiting[] {
    return this.#take(this.#queue.length);
  }

  #take(count: number): Waiting[] {
    const taken = this.#queue.splice(0, count);
    for (const { payload } of taken) this.#queuedOctets -= payload.length;
    return taken;
  }

  /** All room is there, and durable, before the first octet is written. */
  *#write(payloads: readonly Uint8Array[]): Steps<void> {
    const begun: (Place & { readonly number: number })[] = [];
    const pieces: Piece[] = [];
    const group = this.#next;
    let { number, position } = this.#tail;
    let sequence = group;
    let left = payloads.reduce((sum, { length }) => sum + recordOctets(length), 0);
    let records: Uint8Array | undefined;
    let filled = 0;
    for (const payload of payloads) {
      let done = 0;
      do {
        let segment = yield* this.#prepared(number);
        if (segment.sizeOctets - position - filled < leastRecordOctets) {
          if (records !== undefined)
            pieces.push({ number, position, octets: records.subarray(0, filled) });
          records = undefined;
          filled = 0;
          number++;
          position = segmentHeaderOctets;
          segment = yield* this.#prepared(number);
        }
        const room = segment.sizeOctets - position - filled;
        const length = Math.min(payload.length - done, room - recordHeaderOctets);
        // A payload that goes on from another segment needs one header more.
        records ??= new Uint8Array(Math.min(room, left + recordHeaderOctets));
        if (done === 0) begun.push({ number, sequence, position: position + filled });
        filled = encodeRecord(records, filled, segment.salt, {
          sequence,
          group,
          begins: done === 0,
          ends: done + length === payload.length,
          octets: payload.subarray(done, done + length),
        });
        left -= length;
        done += length;
      } while (done < payload.length);
      left -= recordHeaderOctets;
      sequence++;
    }
    pieces.push({ number, position, octets: records!.subarray(0, filled) });

    try {
      for (const piece of pieces) {
        const { file } = this.#segment(piece.number)!;
        // A segment is on disk before the next one is begun: recovery relies on it.
        for (let at = 0; at < piece.octets.length; at += maxWriteOctets) {
          if (at > 0) yield undefined;
          file!.write(piece.position + at, piece.octets.subarray(at, at + maxWriteOctets));
        }
        file!.beginWriting?.(piece.position, piece.octets.length);
        yield file;
      }
    } catch (error) {
      throw this.#fail(error);
    }
    for (const { number, ...place } of begun) notePlace(this.#segment(number)!, place);
    for (let passed = this.#tail.number; passed < number; passed++) {
      const segment = this.#segment(passed)!;
      segment.file?.close();
      segment.file = undefined;
    }
    this.#tail = { number, position: position + filled };
    this.#next = sequence;
  }

  /** The segment of that number, which is at most one behind the last. */
  *#prepared(number: number): Steps<Segment> {
    for (;;) {
      const segment = this.#segment(number);
      if (segment !== undefined) return segment;
      if (this.#preparing !== undefined) yield this.#preparing;
      else yield* this.#prepareNext();
    }
  }

  *#prepareNext(): Steps<void> {
    const last = this.#segments.at(-1);
    const header = {
      number: last === undefined ? this.#tail.number : last.number + 1,
      salt: new DataView(Uint8Array.from(this.#random(4)).buffer).getUint32(0),
      sizeOctets: this.#segmentOctets,
    };
    const free = this.#free.pop();
    const file = yield* prepareSegment(this.#disk, this.#folder, header, free);
    this.#segments.push({ ...header, file, places: [] });
  }

  /** The next segment is made while this one fills, so that nobody waits for its zeros. */
  #prepareAhead(): void {
    const { number, position } = this.#tail;
    if (this.#segment(number + 1) !== undefined || this.#preparing !== undefined) return;
    if (position < this.#segment(number)!.sizeOctets / 2) return;
    const prepared = run(this.#prepareNext()).catch((error: unknown) => {
      // Without room it is tried again when it is needed, and told then.
      if (!isFull(error)) this.#fail(error);
    });
    this.#preparing = prepared.finally(() => {
      this.#preparing = undefined;
    });
  }

  #segment(number: number): Segment | undefined {
    return this.#segments[number - (this.#segments[0]?.number ?? 0)];
  }

  #segmentOf(sequence: number): Segment | undefined {
    if (sequence >= this.#next) return undefined;
    return this.#segments.findLast(({ places: [first] }) => first && first.sequence <= sequence);
  }

  /** What lies behind the tail may not be on disk, or be written just now. */
  #used({ number, sizeOctets }: Segment, from: number): Uint8Array {
    const end = number === this.#tail.number ? this.#tail.position : sizeOctets;
    const file = this.#disk.open(this.#path(number), 'read');
    try {
      return file.read(from, end - from);
    } finally {
      file.close();
    }
  }

  #release(segment: Segment, mayReuse: boolean = true): void {
    const path = this.#path(segment.number);
    segment.file?.close();
    segment.file = undefined;
    const free = `${segmentName(segment.number)}${freeSuffix}`;
    const reusable =
      mayReuse && this.#free.length < maxFreeSegments && segment.sizeOctets === this.#segmentOctets;
    if (reusable) this.#disk.rename(path, `${this.#folder}/${free}`);
    else this.#disk.unlink(path);
    // One by one: if only the second of two is gone after a crash, one is missing in between.
    this.#disk.syncFolder(this.#folder);
    if (reusable) this.#free.push(free);
    this.#segments.shift();
  }

  #path(number: number): string {
    return `${this.#folder}/${segmentName(number)}`;
  }

  /** Room is made before anything is written, so a full disk ends nothing. */
  #judge(error: unknown): JournalError {
    if (error === this.#failure) return this.#failure as JournalError;
    if (isFull(error)) return new JournalError('journal.full', this.#folder, error);
    return this.#fail(error);
  }

  #fail(error: unknown): JournalError {
    this.#failure ??= new JournalError('journal.failed', this.#folder, error);
    return this.#failure;
  }
}

async function run<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    try {
      if (value === undefined) await nextTurn();
      else await ('sync' in value ? value.sync() : value);
    } catch (error) {
      const { done, value } = steps.throw(error);
      if (done) return value;
    }
  }
}

function runNow<Result>(steps: Steps<Result>, meanwhile?: () => void): Result {
  let waited = meanwhile;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    waited?.();
    waited = undefined;
    try {
      if (value !== undefined && 'syncNow' in value) value.syncNow();
    } catch (error) {
      const { done, value } = steps.throw(error);
      if (done) return value;
    }
  }
}
