/** Riad, BIND and Knot as primaries of the same zones, which each of the keys may change and this address may read. */
import { join } from 'node:path';
import { hmacAlgorithms } from '@riad/dns/tsig/hmac';
import { bindCommand, bindKey, named } from '../../peers/bind.ts';
import { knot, knotCommand, knotKey } from '../../peers/knot.ts';
import { startRiad } from '../../peers/riad.ts';
import { loopback, type RunningServer, type ServedZone, startServer } from '../../peers/server.ts';
import type { SharedKey } from '../tsig/keys.ts';

export type UpdatingServers = {
  readonly riad: RunningServer;
  readonly bind: RunningServer;
  readonly knot: RunningServer;
  stop(): Promise<void>;
};

/** For `skip`. */
export const missingUpdatingPeer: false | string = named.missing || knot.missing;

/** Lines of a key file. */
export function keyFile(keys: readonly SharedKey[]): string {
  return keys
    .map(({ text, algorithm, base64 }) => {
      const { keyNumber } = hmacAlgorithms[algorithm];
      return `${text}. DNSKEY 0 3 ${keyNumber} ${base64}\n`;
    })
    .join('');
}

export async function startUpdatingServers(
  zones: readonly ServedZone[],
  keys: readonly SharedKey[],
  folder: string,
): Promise<UpdatingServers> {
  const started = await Promise.allSettled([
    startRiad(zones, join(folder, 'riad'), {
      files: { _keys: keyFile(keys) },
      keys: [`access: { transfer: ["${loopback}"] }`],
    }),
    startBind(zones, keys, join(folder, 'bind')),
    startKnot(zones, keys, join(folder, 'knot')),
  ]);
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const [riad, bind, knotServer] = servers;
  return { riad: riad!, bind: bind!, knot: knotServer!, stop };
}

/** `check-names`, `check-integrity` and their like are off: what an update may bring is not their business. */
function startBind(
  zones: readonly ServedZone[],
  keys: readonly SharedKey[],
  folder: string,
): Promise<RunningServer> {
  const names = keys.map(({ text }) => `key "${text}";`).join(' ');
  return startServer(
    {
      name: 'bind',
      configure: (inside, port, files) => {
        return bindCommand(inside, port, {
          options: `  allow-transfer { any; };
  notify no;
  empty-zones-enable no;
  dnssec-validation no;
  check-names primary ignore;
  check-integrity no;
  check-wildcard no;
  check-dup-records ignore;`,
          statements: `${keys.map(({ text, algorithm, base64 }) => bindKey(text, algorithm, base64)).join('\n')}
${files.map(({ name, path }) => `zone "${name}" { type primary; file "${path}"; allow-update { ${names} }; };`).join('\n')}`,
        });
      },
    },
    zones,
    folder,
  );
}

function startKnot(
  zones: readonly ServedZone[],
  keys: readonly SharedKey[],
  folder: string,
): Promise<RunningServer> {
  const names = keys.map(({ text }) => `"${text}"`).join(', ');
  return startServer(
    {
      name: 'knot',
      configure: (inside, port, files) => {
        return knotCommand(inside, port, {
          rest: `key:
${keys.map(({ text, algorithm, base64 }) => knotKey(text, algorithm, base64)).join('\n')}
acl:
  - id: change
    key: [${names}]
    action: update
  - id: read
    address: ${loopback}
    action: transfer
template:
  - id: default
    storage: "${inside}"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: changes
    semantic-checks: off
    acl: [change, read]
zone:
${files.map(({ name, path }) => `  - domain: "${name}"\n    file: "${path}"`).join('\n')}`,
        });
      },
    },
    zones,
    folder,
  );
}
