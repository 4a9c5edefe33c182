/** `lego` and `certbot`, each proving its names by dynamic updates (RFC 2136). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SharedKey } from '../dns/tsig/keys.ts';
import type { Target } from '../peers/server.ts';
import { type PeerName, peer } from '../peers.ts';
import type { Pebble } from './pebble.ts';

export type Order = {
  readonly names: readonly string[];
  readonly dns: Target;
  readonly key: SharedKey;
  readonly pebble: Pebble;
  readonly folder: string;
};

export type AcmeClient = {
  readonly name: Extract<PeerName, 'lego' | 'certbot'>;
  /** Resolves to the path of the certificate; rejects with what the client said. */
  obtain(order: Order): Promise<string>;
};

export const clients: readonly AcmeClient[] = [
  { name: 'lego', obtain: lego },
  { name: 'certbot', obtain: certbot },
];

async function lego({ names, dns, key, pebble, folder }: Order): Promise<string> {
  const place = `${dns.address}:${dns.port}`;
  const args = [
    ...['--server', pebble.directory, '--accept-tos', '--email', 'hostmaster@example.test'],
    ...['--path', folder, '--dns', 'rfc2136', '--dns.resolvers', place],
    '--dns.disable-cp', // it would ask the zone's name servers on port 53
    ...names.flatMap((name) => ['--domains', name]),
    'run',
  ];
  await run('lego', args, {
    LEGO_CA_CERTIFICATES: pebble.certificate,
    RFC2136_NAMESERVER: place,
    RFC2136_TSIG_ALGORITHM: `${key.algorithm}.`,
    RFC2136_TSIG_KEY: `${key.text}.`,
    RFC2136_TSIG_SECRET: key.base64,
    RFC2136_TTL: '1',
    RFC2136_POLLING_INTERVAL: '1',
    RFC2136_SEQUENCE_INTERVAL: '1',
  });
  return join(folder, 'certificates', `${names[0]}.crt`);
}

async function certbot({ names, dns, key, pebble, folder }: Order): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const credentials = join(folder, 'rfc2136.ini');
  const lines = [
    `dns_rfc2136_server = ${dns.address}`,
    `dns_rfc2136_port = ${dns.port}`,
    `dns_rfc2136_name = ${key.text}.`,
    `dns_rfc2136_secret = ${key.base64}`,
    `dns_rfc2136_algorithm = ${key.algorithm.toUpperCase()}`,
  ];
  writeFileSync(credentials, `${lines.join('\n')}\n`);
  chmodSync(credentials, 0o600);
  const args = [
    ...['certonly', '--non-interactive', '--agree-tos', '--register-unsafely-without-email'],
    ...['--server', pebble.directory],
    ...['--config-dir', join(folder, 'config'), '--work-dir', join(folder, 'work')],
    ...['--logs-dir', join(folder, 'logs'), '--cert-name', 'one'],
    ...['--dns-rfc2136', '--dns-rfc2136-credentials', credentials],
    ...['--dns-rfc2136-propagation-seconds', '1'],
    ...names.flatMap((name) => ['-d', name]),
  ];
  await run('certbot', args, { REQUESTS_CA_BUNDLE: pebble.certificate });
  return join(folder, 'config', 'live', 'one', 'cert.pem');
}

async function run(
  program: PeerName,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(peer(program).file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', LANG: 'C.UTF-8', ...environment },
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${program} ended with ${status}:\n${output}`);
}
