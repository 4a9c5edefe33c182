/**
 * Brings zones into the image as they are asked for, keeps the last good text of each and a snapshot
 * of the whole.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseName } from '@riad/dns/name';
import { commitChanges } from '@riad/dns-server/zone-image/zone-commit';
import { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { type LoadFault, loadZone } from '@riad/dns-server/zone-loading/load-zone';
import { printZone } from '@riad/dns-server/zone-loading/print-zone';
import type { ZoneText } from '@riad/dns-server/zone-loading/zone-text';
import type { Sha1 } from '@riad/net/ciphers/sha1';
import type { Arena } from '@riad/octets/arena';
import { readIncluded } from './included-file.ts';
import type { LastGoodTexts } from './last-good-texts.ts';
import type { LoaderReply, ZoneCommand, ZoneResult } from './loader-messages.ts';
import { servedZone } from './served-zones.ts';
import { writeSnapshot } from './snapshot-file.ts';

/** A snapshot is written when nothing has changed for so long … */
export const snapshotQuietMs = 2000;
/** … and so often at most. */
export const snapshotEveryMs = 30_000;
/** A served zone is looked at for what is hardly meant after so long. */
const checkQuietMs = 100;
/** What waits for readers to let go is looked at again after so long. */
const reclaimMs = 250;
/** Larger files are refused: their zone would not fit into memory anyway. */
export const maxZoneFileOctets: number = 2 ** 31 - 1;

/** Zones of larger texts are not looked at for what is hardly meant: that would hold up loading. */
export const maxCountedOctets: number = 1 << 20;

/** Places in the text of each zone from which reading can go on; the texts themselves are on disk. */
type Checkpoints = Map<string, ZoneText['checkpoints']>;

/** An image of the last good texts. `arena` is empty; what is wrong with a text is added to `complaints`. */
export function loadTexts(
  arena: Arena,
  texts: LastGoodTexts,
  complaints: string[],
  sha1: Sha1,
): { readonly image: ZoneImage; readonly checkpoints: Checkpoints } {
  const seed = new Int32Array(1);
  crypto.getRandomValues(seed);
  const image = ZoneImage.create(arena, seed[0]!);
  const checkpoints: Checkpoints = new Map();
  for (const { zone, text } of texts.readAll(complaints)) {
    const apexName = parseName(zone);
    const include = (): undefined => undefined; // what is kept has no includes
    const request = { apexName, text, file: zone, before: undefined, include, confirmed: true };
    try {
      const outcome = loadZone(image, request, sha1);
      if (outcome.kind === 'loaded') checkpoints.set(zone, outcome.text.checkpoints);
      else complaints.push(`the last good text of ${zone} cannot be loaded`);
    } catch (error) {
      if ((error as { code?: string }).code !== 'arena.full') throw error;
      complaints.push(
        `the last good text of ${zone} cannot be loaded: ${(error as Error).message}`,
      );
    }
  }
  return { image, checkpoints };
}

export class ZoneLoading {
  readonly image: ZoneImage;
  readonly #stateDirectory: string;
  readonly #texts: LastGoodTexts;
  readonly #checkpoints: Checkpoints;
  readonly #say: (reply: LoaderReply) => void;
  readonly #sha1: Sha1;
  #snapshotTimer: NodeJS.Timeout | undefined;
  #lastSnapshot = Number.NEGATIVE_INFINITY;
  #reclaiming = false;
  /** Zones in force that are to be looked at once there is nothing else to do. */
  readonly #toCheck = new Set<string>();
  readonly #checked = new Set<string>();

  constructor(
    image: ZoneImage,
    stateDirectory: string,
    texts: LastGoodTexts,
    checkpoints: Checkpoints,
    say: (reply: LoaderReply) => void,
    sha1: Sha1,
  ) {
    this.image = image;
    this.#stateDirectory = stateDirectory;
    this.#texts = texts;
    this.#checkpoints = checkpoints;
    this.#say = say;
    this.#sha1 = sha1;
    if (checkpoints.size > 0) this.#scheduleSnapshot();
  }

  perform(command: ZoneCommand): ZoneResult {
    try {
      if (command.type === 'load') return this.#load(command.zone, command.path, command.confirmed);
      if (command.type === 'remove') return this.#remove(command.zone);
      return this.#change(command);
    } catch (error) {
      const code = (error as { code?: string }).code ?? 'internal';
      if (code !== 'arena.full' && !isFileError(error)) throw error;
      const file = command.type === 'load' ? command.path : '';
      return {
        kind: 'refused',
        faults: [{ code, file, line: 0, column: 0, message: (error as Error).message }],
      };
    }
  }

  #load(zone: string, path: string, confirmed: boolean): ZoneResult {
    const started = performance.now();
    const text = readFileSync(path);
    const fault = (code: string, message: string): ZoneResult => ({
      kind: 'refused',
      faults: [{ code, file: path, line: 0, column: 0, message }],
    });
    if (text.length === 0) return fault('zone.empty-file', 'the file is empty');
    if (text.length > maxZoneFileOctets)
      return fault('zone.file-too-large', 'the file is too large');
    const apexName = parseName(zone);
    const before = this.#rememberedText(zone);
    if (!confirmed && before !== undefined && endsLine(before.octets) && !endsLine(text))
      return fault(
        'zone.cut-short',
        'the file ends in the middle of its last line, which the last good version did not: it looks cut short; if it is whole, end its last line',
      );
    const outcome = loadZone(
      this.image,
      {
        apexName,
        text,
        file: path,
        before,
        include: (name) => readIncluded(dirname(path), name),
        confirmed,
      },
      this.#sha1,
    );
    if (outcome.kind === 'refused') return { kind: 'refused', faults: outcome.faults.map(plain) };
    if (outcome.kind === 'held') return { kind: 'held', ...outcome.loss };
    const served = servedZone(this.image, this.image.zoneOf(apexName));
    if (outcome.kind !== 'unchanged' || !this.#checked.has(zone))
      this.#scheduleCheck(zone, text.length);
    if (outcome.kind === 'unchanged') return { kind: 'unchanged', zone: served };
    this.#texts.keep(
      zone,
      outcome.text.includes
        ? { octets: printZone(this.image, apexName), regular: true }
        : { octets: text, regular: outcome.text.regular },
    );
    // The text itself is on disk; only its states are worth their memory.
    release(text);
    if (before !== undefined) release(before.octets);
    this.#checkpoints.set(zone, outcome.text.checkpoints);
    this.#scheduleSnapshot();
    this.#scheduleReclaim();
    return {
      kind: 'served',
      how: outcome.how,
      zone: served,
      milliseconds: Math.round((performance.now() - started) * 10) / 10,
      warnings: outcome.warnings.map(plain),
    };
  }

  /** The text on disk that a zone was last loaded from, if all its records stand for themselves. */
  #rememberedText(zone: string): ZoneText | undefined {
    const octets = this.#texts.read(zone);
    return octets === undefined
      ? undefined
      : {
          octets,
          checkpoints: this.#checkpoints.get(zone) ?? [],
          regular: this.#texts.isRegular(zone),
          includes: false,
        };
  }

  #remove(zone: string): ZoneResult {
    this.#checkpoints.delete(zone);
    this.#checked.delete(zone);
    const removed = this.image.remove(parseName(zone));
    this.#texts.forget(zone);
    this.#scheduleSnapshot();
    this.#scheduleReclaim();
    return { kind: removed ? 'removed' : 'not-hosted' };
  }

  #change(command: Extract<ZoneCommand, { type: 'change' }>): ZoneResult {
    const apexName = parseName(command.zone);
    const started = performance.now();
    const outcome = commitChanges(
      this.image,
      apexName,
      command.removals,
      command.additions,
      this.#sha1,
    );
    if (!outcome.ok) {
      return {
        kind: 'refused',
        faults: [{ code: outcome.code, file: '', line: 0, column: 0, message: outcome.message }],
      };
    }
    this.#checkpoints.delete(command.zone);
    this.#scheduleReclaim();
    const zone = servedZone(this.image, this.image.zoneOf(apexName));
    return {
      kind: 'served',
      how: 'edited',
      zone,
      milliseconds: performance.now() - started,
      warnings: [],
    };
  }

  #scheduleSnapshot(): void {
    clearTimeout(this.#snapshotTimer);
    const due = Math.max(snapshotQuietMs, this.#lastSnapshot + snapshotEveryMs - performance.now());
    this.#snapshotTimer = setTimeout(() => this.#saveSnapshot(), due);
  }

  #saveSnapshot(): void {
    try {
      if (!writeSnapshot(this.image, this.#stateDirectory, this.#texts.digests())) {
        this.#scheduleSnapshot(); // a reader still holds what a commit replaced
        return;
      }
      this.#lastSnapshot = performance.now();
    } catch (error) {
      this.#say({
        type: 'complaint',
        text: `the snapshot cannot be written: ${(error as Error).message}`,
      });
    }
  }

  #scheduleCheck(zone: string, textOctets: number): void {
    if (textOctets > maxCountedOctets) return;
    if (this.#toCheck.size === 0) setTimeout(() => void this.#checkNext(), checkQuietMs);
    this.#toCheck.add(zone);
  }

  /** One zone at a time, so that what is to be loaded need not wait for long. */
  async #checkNext(): Promise<void> {
    const { warningsOf } = await import('./zone-file-check.ts');
    const [zone] = this.#toCheck;
    if (zone === undefined) return;
    const text = this.#texts.read(zone);
    if (text !== undefined) {
      const warnings = warningsOf(parseName(zone), text, zone, () => undefined);
      this.#checked.add(zone);
      this.#say({ type: 'warnings', zone, count: warnings.length, first: warnings[0]?.message });
    }
    this.#toCheck.delete(zone);
    if (this.#toCheck.size > 0) setTimeout(() => void this.#checkNext(), 0);
  }

  #scheduleReclaim(): void {
    if (this.#reclaiming) return;
    this.#reclaiming = true;
    setTimeout(() => {
      this.#reclaiming = false;
      if (!this.image.reclaim()) this.#scheduleReclaim();
    }, reclaimMs);
  }
}

/** Errors lose their fields on the way to another thread. */
function plain({ code, file, line, column, message }: LoadFault): LoadFault {
  return { code, file, line, column, message };
}

function endsLine(text: Uint8Array): boolean {
  return text.length === 0 || text[text.length - 1] === 0x0a;
}

function isFileError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

/** Gives the memory of a large text back at once, without waiting for a collection. */
function release(octets: Uint8Array): void {
  const { buffer: own } = octets;
  if (
    own instanceof ArrayBuffer &&
    own.byteLength === octets.byteLength &&
    own.byteLength > 1 << 20
  )
    own.transfer(0);
}
