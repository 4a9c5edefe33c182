/**
 * Remembers which packs have been condensed, and when: in `riad-condensed`, a line each. A list that is lost, or
 * behind, costs doing it again.
 */
import { type Disk, readFile } from '../disk/disk.ts';

export class CondensedPacks {
  readonly #disk: Disk;
  readonly #directory: string;
  #names = new Set<string>();
  #lastMs: number | undefined;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
    if (!disk.exists(this.#file)) return;
    const [time, ...names] = new TextDecoder().decode(readFile(disk, this.#file)).split('\n');
    this.#lastMs = Number(time);
    this.#names = new Set(names);
  }

  /** Paths without ending. */
  get names(): readonly string[] {
    return [...this.#names].map((name) => `${this.#directory}/objects/pack/${name}`);
  }

  has(path: string): boolean {
    return this.#names.has(path.slice(path.lastIndexOf('/') + 1));
  }

  /** The first time counts from when it was asked first. */
  isDue(nowMs: number, everyMs: number): boolean {
    this.#lastMs ??= nowMs;
    return nowMs - this.#lastMs >= everyMs;
  }

  write(paths: readonly string[], nowMs: number): void {
    const there = paths.filter((path) => this.#disk.exists(`${path}.idx`));
    this.#names = new Set(there.map((path) => path.slice(path.lastIndexOf('/') + 1)));
    this.#lastMs = nowMs;
    const unfinished = `${this.#file}.new`;
    if (this.#disk.exists(unfinished)) this.#disk.unlink(unfinished);
    const file = this.#disk.open(unfinished, 'create');
    try {
      file.write(0, new TextEncoder().encode([nowMs, ...this.#names].join('\n')));
    } finally {
      file.close();
    }
    this.#disk.rename(unfinished, this.#file);
  }

  /** One that was made of condensed ones. */
  add(path: string): void {
    this.write([...this.names, path], this.#lastMs ?? 0);
  }

  get #file(): string {
    return `${this.#directory}/riad-condensed`;
  }
}
