/** A certificate and its key from files, read again when they change; a broken pair leaves the old one in use. */
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** Certificate chain and private key, PEM. */
export type TlsFiles = { readonly certificate: string; readonly key: string };
type PemPair = { readonly cert: Buffer; readonly key: Buffer };

/** Files are looked at so often: certificates change every few weeks. */
const lookMs = 5000;

export class WatchedContext {
  readonly #files: TlsFiles;
  readonly #failed: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;
  #identity: string;
  #refused = '';
  #changed: (options: PemPair) => void = () => {};
  options: PemPair;

  /** Throws when the files are not a certificate and its key. */
  constructor(files: TlsFiles, failed: (error: Error) => void) {
    this.#files = files;
    this.#failed = failed;
    this.#identity = this.#identify();
    this.options = this.#read();
    this.#timer = setInterval(() => this.look(), lookMs);
    this.#timer.unref();
  }

  onChange(changed: (options: PemPair) => void): void {
    this.#changed = changed;
  }

  /** Reads the files again if they changed. */
  look(): void {
    try {
      const identity = this.#identify();
      if (identity === this.#identity || identity === this.#refused) return;
      this.#refused = identity; // until it has proved good
      this.options = this.#read();
      this.#identity = identity;
      this.#changed(this.options);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #identify(): string {
    return [this.#files.certificate, this.#files.key]
      .map((path) => {
        const { size, mtimeMs, ino } = statSync(path);
        return `${size} ${mtimeMs} ${ino}`;
      })
      .join();
  }

  #read(): PemPair {
    const pair = {
      cert: readFileSync(this.#files.certificate),
      key: readFileSync(this.#files.key),
    };
    createSecureContext(pair); // throws when they are broken or do not belong together
    return pair;
  }
}
