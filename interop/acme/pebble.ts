/** Let's Encrypt's own test authority, which asks one DNS server for challenges, and its directory. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@riad/net/testing/free-port';
import { writeCertificate } from '../peers/certificate.ts';
import { loopback, type Target, writeConfiguration } from '../peers/server.ts';
import { peer } from '../peers.ts';

export type Pebble = AsyncDisposable & {
  readonly directory: string;
  /** Vouches for the directory's host, `localhost`. */
  readonly certificate: string;
  log(): string;
};

const readyMs = 20_000;
const lookEveryMs = 50;

export async function startPebble(dns: Target, folder: string): Promise<Pebble> {
  const { certificate, key } = writeCertificate(folder, ['localhost']);
  const [port, managementPort, nobodyPort] = [await freePort(), await freePort(), await freePort()];
  const settings = {
    pebble: {
      listenAddress: `${loopback}:${port}`,
      managementListenAddress: `${loopback}:${managementPort}`,
      certificate,
      privateKey: key,
      httpPort: nobodyPort,
      tlsPort: nobodyPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
    },
  };
  const path = writeConfiguration(folder, 'pebble.json', JSON.stringify(settings));
  const args = ['-config', path, '-dnsserver', `${dns.address}:${dns.port}`, '-strict'];
  const child = spawn(peer('pebble').file, args, {
    cwd: folder,
    stdio: 'pipe',
    // Each order has to prove each name.
    // Debian's certbot falls over a nonce that is refused, which pebble does to one in twenty.
    env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0', PEBBLE_WFE_NONCEREJECT: '0' },
  });
  let log = '';
  const keep = (chunk: Buffer): void => {
    log += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const closed = once(child, 'close');
  const directory = `https://localhost:${port}/dir`;
  const pebble: Pebble = {
    directory,
    certificate,
    log: () => log,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL'); // it keeps nothing
      await closed;
    },
  };
  const end = performance.now() + readyMs;
  while (!(await answers(directory, readFileSync(certificate, 'utf8')))) {
    if (child.exitCode === null && performance.now() < end) {
      await sleep(lookEveryMs);
      continue;
    }
    await pebble[Symbol.asyncDispose]();
    throw new Error(`pebble does not answer:\n${log}`);
  }
  return pebble;
}

async function answers(url: string, ca: string): Promise<boolean> {
  const request = get(url, { ca });
  try {
    const [response] = (await once(request, 'response')) as [{ statusCode?: number }];
    return response.statusCode === 200;
  } catch {
    return false; // nobody listens yet
  } finally {
    request.destroy();
  }
}
