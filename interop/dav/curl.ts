/** Requests by curl: real HTTP of another make, over HTTP/1.1 or over TLS with HTTP/2, redirects followed or not. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { password, RunningCalendar } from '@riad/service-calendar/testing/running-calendar';
import { writeCertificate } from '../peers/certificate.ts';
import { peer } from '../peers.ts';
import { runClient } from './run-client.ts';

export const curl = peer('curl');

export type HttpVersion = '1.1' | '2';

export type CurlRequest = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sends no password. */
  readonly anonymous?: boolean;
  /** Follows redirects with the same method, as clients of WebDAV do. */
  readonly follow?: boolean;
};

export type CurlAnswer = {
  readonly status: number;
  /** Of the last answer; lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly version: HttpVersion;
  readonly redirects: number;
  /** Where the last answer came from, as a path. */
  readonly path: string;
};

const host = 'dav.example.org';

/** A running service, and curl before it. */
export class Transcript implements AsyncDisposable {
  readonly server: RunningCalendar;
  readonly #folder: string;
  readonly #version: HttpVersion;
  readonly #agent: string;
  #number = 0;

  private constructor(
    server: RunningCalendar,
    folder: string,
    version: HttpVersion,
    agent: string,
  ) {
    this.server = server;
    this.#folder = folder;
    this.#version = version;
    this.#agent = agent;
  }

  static async start(
    version: HttpVersion,
    agent: string,
    config: Parameters<typeof RunningCalendar.start>[1] = {},
  ): Promise<Transcript> {
    const folder = mkdtempSync(join(tmpdir(), 'riad-curl-'));
    const tls = version === '2' ? writeCertificate(folder, [host]) : undefined;
    const server = await RunningCalendar.start(['ann'], config, { tls });
    return new Transcript(server, folder, version, agent);
  }

  get origin(): string {
    return `${this.#version === '2' ? 'https' : 'http'}://${host}:${this.server.port}`;
  }

  async ask(method: string, path: string, request: CurlRequest = {}): Promise<CurlAnswer> {
    const { headers = {}, body, anonymous = false, follow = false } = request;
    const number = this.#number++;
    const file = (name: string): string => join(this.#folder, `${number}.${name}`);
    if (body !== undefined) writeFileSync(file('request'), body);
    const fields = {
      'User-Agent': this.#agent,
      // What curl would say by itself is no client's of calendars.
      ...(body === undefined ? {} : { 'Content-Type': 'text/xml; charset="utf-8"' }),
      ...headers,
    };
    const said = await runClient(this.#folder, curl.file, [
      ...['--silent', '--show-error', '--path-as-is', '--request', method],
      ...(method === 'HEAD' ? ['--head'] : []),
      ...(this.#version === '2'
        ? ['--http2', '--cacert', join(this.#folder, 'certificate.pem')]
        : ['--http1.1']),
      ...['--resolve', `${host}:${this.server.port}:127.0.0.1`],
      ...(follow ? ['--location', '--post301'] : []),
      ...(anonymous ? [] : ['--user', `ann:${password}`]),
      ...Object.entries(fields).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
      ...(body === undefined ? [] : ['--data-binary', `@${file('request')}`]),
      ...['--dump-header', file('headers'), '--output', file('body'), '--write-out', '%{json}'],
      `${this.origin}${path}`,
    ]);
    const told = JSON.parse(said) as {
      http_code: number;
      http_version: string;
      num_redirects: number;
      url_effective: string;
    };
    assert.equal(told.http_version, this.#version);
    return {
      status: told.http_code,
      headers: lastHeaders(readFileSync(file('headers'), 'utf8')),
      body: told.http_code === 204 || method === 'HEAD' ? '' : readOrEmpty(file('body')),
      version: this.#version,
      redirects: told.num_redirects,
      path: new URL(told.url_effective).pathname,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** curl makes no file for an answer without a body. */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function lastHeaders(text: string): Map<string, string> {
  const block = text
    .trimEnd()
    .split(/\r\n\r\n/)
    .at(-1)!;
  return new Map(
    block
      .split('\r\n')
      .slice(1)
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
  );
}
