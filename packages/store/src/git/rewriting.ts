/**
 * Puts another history in the place of ours. New objects are durable first; then the journal, which has the old
 * ones, goes; then the branch moves; then packs lose what nothing leads to. A mark says from the move on that the
 * last part is still to be done.
 */
import { type Disk, readFile, removeFile } from '../disk/disk.ts';
import { writeDurably } from '../disk/write-durably.ts';
import type { History } from '../history/history.ts';
import { Staging } from '../history/objects.ts';
import { HistoryRewriter, parentsFirst, type Rewriting } from '../history/rewrite.ts';
import { nextTurn } from '../next-turn.ts';
import type { Revision } from '../store.ts';
import { deflateObject } from './deflate.ts';
import type { ObjectDatabase } from './object-database.ts';
import { PackWriter } from './pack-writer.ts';

/** Objects of a pack, before they are written: some kilooctets each. */
const objectsPerPack = 20_000;
const commitsPerTurn = 64;

/** Writes what is new, and gives what commits are called now. */
export async function writeRewritten(
  disk: Disk,
  directory: string,
  objects: ObjectDatabase,
  history: History,
  head: Revision,
  rewriting: Rewriting,
): Promise<ReadonlyMap<Revision, Revision>> {
  const rewriter = new HistoryRewriter(history, rewriting);
  let staging = new Staging(objects);
  const flush = async (): Promise<void> => {
    const { added } = staging;
    staging = new Staging(objects);
    if (added.size === 0) return;
    const folder = `${directory}/objects/pack`;
    const writer = new PackWriter(disk, folder, 'riad_rewrite', added.size);
    try {
      for (const [id, object] of added) {
        writer.add(id, object.type, object.content.length, deflateObject(object));
      }
    } catch (error) {
      writer.abandon();
      throw error;
    }
    await writer.finish();
    objects.scan();
  };
  let done = 0;
  for (const revision of parentsFirst(history, head)) {
    rewriter.rewrite(revision, staging);
    if (staging.added.size >= objectsPerPack) await flush();
    if (++done % commitsPerTurn === 0) await nextTurn();
  }
  await flush();
  return rewriter.renamed;
}

/** The mark: the head whose history is all that may stay. */
export class RewritingMark {
  readonly #disk: Disk;
  readonly #directory: string;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  read(): Revision | undefined {
    if (!this.#disk.exists(this.#file)) return undefined;
    return new TextDecoder().decode(readFile(this.#disk, this.#file)).trim();
  }

  /** Durable. */
  write(head: Revision): void {
    writeDurably(this.#disk, this.#file, `${head}\n`);
  }

  remove(): void {
    removeFile(this.#disk, this.#file);
    this.#disk.syncFolder(this.#directory);
  }

  get #file(): string {
    return `${this.#directory}/riad-rewriting`;
  }
}
