/** Tells plainly, once, that there is no room, and that there is some again; writes are refused by whoever found out. */
import type { Log } from '@riad/runtime/logging/log';
import type { Storage, View, WriteRequest, WriteResult } from '@riad/webdav/storage/storage';

export class FullDiskNotice implements Storage {
  readonly #storage: Storage;
  readonly #folder: string;
  readonly #log: Log;
  /** What was said when it was found out. */
  #full: string | undefined;
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(storage: Storage, folder: string, log: Log) {
    this.#storage = storage;
    this.#folder = folder;
    this.#log = log;
  }

  view(): Promise<View> {
    return this.#storage.view();
  }

  async write(request: WriteRequest): Promise<WriteResult> {
    const result = await this.#storage.write(request);
    if (result.type === 'refused' && result.reason === 'full') {
      if (this.#full === undefined)
        this.#log.error('the disk is full', { folder: this.#folder, message: result.message });
      this.#full = result.message;
      this.#refusedAt = performance.now();
    } else if (result.type === 'written' && this.#full !== undefined) {
      this.#full = undefined;
      this.#log.info('the disk has room again', { folder: this.#folder });
    }
    return result;
  }

  /** Within a minute: there may be room again, which the next write finds out. */
  get hasJustRefused(): boolean {
    return this.#full !== undefined && performance.now() - this.#refusedAt < 60_000;
  }

  /** One sentence each. */
  complaints(): string[] {
    return this.#full === undefined
      ? []
      : [
          `the disk is full: changes are refused with 507 until there is room in ${this.#folder} (${this.#full})`,
        ];
  }
}
