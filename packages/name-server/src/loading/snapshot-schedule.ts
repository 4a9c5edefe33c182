/**
 * When the image is written to disk: some time after zones were read whole, and else only when so much
 * has changed that doing it again after a restart would take long. What the journal has need not be in it.
 */
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import type { Disk } from '@riad/store/disk';
import type { LoaderReply } from './loader-messages.ts';
import { writeSnapshot } from './snapshot-file.ts';
import type { ZoneJournal } from './zone-journal.ts';

/** A snapshot is written when no zone was read for so long … */
export const snapshotQuietMs = 2000;
/** … and so often at most. */
export const snapshotEveryMs = 30_000;
/** Changes that may have to be done again: a tenth of a second's work. */
export const snapshotChanges = 5000;

export class SnapshotSchedule {
  readonly #image: ZoneImage;
  readonly #disk: Disk;
  readonly #stateDirectory: string;
  readonly #journal: ZoneJournal;
  readonly #say: (reply: LoaderReply) => void;
  readonly #oldestNeeded: () => number;
  #timer: NodeJS.Timeout | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #changes = 0;

  /** `oldestNeeded`: what the journal must keep even with a snapshot. */
  constructor(
    image: ZoneImage,
    disk: Disk,
    stateDirectory: string,
    journal: ZoneJournal,
    say: (reply: LoaderReply) => void,
    oldestNeeded: () => number,
  ) {
    this.#image = image;
    this.#disk = disk;
    this.#stateDirectory = stateDirectory;
    this.#journal = journal;
    this.#say = say;
    this.#oldestNeeded = oldestNeeded;
  }

  /** So many more changes are in the journal alone. */
  changed(changes: number): void {
    this.#changes += changes;
    if (this.#changes >= snapshotChanges && this.#timer === undefined) this.soon();
  }

  soon(): void {
    clearTimeout(this.#timer);
    const due = Math.max(snapshotQuietMs, this.#last + snapshotEveryMs - performance.now());
    this.#timer = setTimeout(() => this.save(), due);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** At once, if no reader holds what a commit replaced. */
  save(): void {
    this.stop();
    const sequence = this.#journal.lastSequence;
    try {
      if (!writeSnapshot(this.#image, this.#disk, this.#stateDirectory, sequence)) {
        this.soon(); // a reader still holds what a commit replaced
        return;
      }
      this.#last = performance.now();
      this.#changes = 0;
      this.#journal.retain(Math.min(sequence + 1, this.#oldestNeeded()));
    } catch (error) {
      this.#say({
        type: 'complaint',
        text: `the snapshot cannot be written: ${(error as Error).message}`,
      });
    }
  }
}
