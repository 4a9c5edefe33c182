/** A certificate and its key from files, read again when they change; a broken pair leaves the old one in use. */
import { constants } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';

/** Certificate chain and private key, PEM. */
export type TlsFiles = { readonly certificate: string; readonly key: string };

/** Files are looked at so often: certificates change every few weeks. */
export const certificateLookMs = 5000;

export class WatchedContext {
  readonly #files: TlsFiles;
  readonly #failed: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;
  #identity: string;
  #refused = '';
  #current: SecureContext;

  /** Throws when the files are not a certificate and its key. */
  constructor(files: TlsFiles, failed: (error: Error) => void) {
    this.#files = files;
    this.#failed = failed;
    this.#identity = this.#identify();
    this.#current = this.#read();
    this.#timer = setInterval(() => this.look(), certificateLookMs);
    this.#timer.unref();
  }

  /** What new connections are to use. */
  get current(): SecureContext {
    return this.#current;
  }

  /** The same as options, for servers that want a first certificate themselves. */
  options(): SecureContextOptions {
    return this.#options();
  }

  /** Reads the files again if they changed. */
  look(): void {
    let identity = '';
    try {
      identity = this.#identify();
      if (identity === this.#identity || identity === this.#refused) return;
      this.#current = this.#read();
      this.#identity = identity;
      this.#refused = '';
    } catch (error) {
      this.#refused = identity; // said once for each version of the files
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

  /** Throws when they are broken or do not belong together. */
  #read(): SecureContext {
    return createSecureContext(this.#options());
  }

  #options(): SecureContextOptions {
    return {
      cert: readFileSync(this.#files.certificate),
      key: readFileSync(this.#files.key),
      minVersion: 'TLSv1.2', // RFC 8310 §8.1 by way of RFC 9325 §3.1.1
      // Nobody has a reason to renegotiate, and it costs the server more than the client.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    };
  }
}
