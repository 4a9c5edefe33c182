/**
 * Who follows a catalog of ours: our own secondary as its users run it, BIND and Knot. Each is told of the
 * catalog and where its primary is, and nothing of the zones in it; each listens where it is told, for its
 * primary has to know that before. A member of the group `special` is one that Knot gives to nobody.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindCommand, bindKey, named } from '../../peers/bind.ts';
import { knot, knotCommand, knotKey } from '../../peers/knot.ts';
import { riadRunCommand } from '../../peers/riad-command.ts';
import { type Command, loopback, type Program } from '../../peers/server.ts';
import type { SharedKey } from '../tsig/keys.ts';
import { keyFile } from '../update/updating-peers.ts';

export type ConsumerSetting = {
  readonly catalog: string;
  readonly key: SharedKey;
  readonly primaryPort: number;
};

type Configure = (setting: ConsumerSetting, folder: string, port: number) => Command;

export type Consumer = {
  readonly name: 'riad' | 'bind' | 'knot';
  readonly missing: false | string;
  /** Whether a group of a member means something to it. */
  readonly knowsGroups: boolean;
  readonly configure: Configure;
};

const riad: Configure = ({ catalog, key, primaryPort }, folder, port) => {
  const keys = join(folder, 'keys');
  mkdirSync(keys, { recursive: true });
  writeFileSync(join(keys, '_keys'), keyFile([key]));
  return riadRunCommand(folder, 'copies', [
    'type: dns-secondary',
    `listen: ["udp+tcp://${loopback}:${port}"]`,
    `keys: ${keys}`,
    `access: { transfer: ["${loopback}"] }`,
    'rateLimit: { responsesPerSecond: 0 }',
    'catalogs:',
    `  - name: ${catalog}`,
    `    primaries: [{ address: "${loopback}", port: ${primaryPort}, key: ${key.text} }]`,
  ]);
};

const bind: Configure = ({ catalog, key, primaryPort }, folder, port) => {
  const primary = `${loopback} port ${primaryPort} key "${key.text}"`;
  return bindCommand(folder, port, {
    options: `  notify no;
  empty-zones-enable no;
  dnssec-validation no;
  allow-transfer { any; };
  catalog-zones {
    zone "${catalog}" default-primaries { ${primary}; } in-memory yes min-update-interval 1;
  };`,
    statements: `${bindKey(key.text, key.algorithm, key.base64)}
zone "${catalog}" { type secondary; file "catalog.copy"; primaries { ${primary}; }; };`,
  });
};

const knotServer: Configure = ({ catalog, key, primaryPort }, folder, port) => {
  return knotCommand(folder, port, {
    backgroundWorkers: 2,
    rest: `key:
${knotKey(key.text, key.algorithm, key.base64)}
remote:
  - id: primary
    address: ${loopback}@${primaryPort}
    key: "${key.text}"
acl:
  - id: told
    key: "${key.text}"
    action: notify
  - id: read
    address: ${loopback}
    action: transfer
template:
  - id: default
    storage: "${folder}"
    zonefile-sync: -1
    zonefile-load: none
    journal-content: all
    master: primary
    acl: [told, read]
  - id: special
    storage: "${folder}"
    zonefile-sync: -1
    zonefile-load: none
    journal-content: all
    master: primary
    acl: [told]
zone:
  - domain: "${catalog}"
    catalog-role: interpret
    catalog-template: [default, special]`,
  });
};

export const consumers: readonly Consumer[] = [
  { name: 'riad', missing: false, knowsGroups: false, configure: riad },
  { name: 'bind', missing: named.missing, knowsGroups: false, configure: bind },
  { name: 'knot', missing: knot.missing, knowsGroups: true, configure: knotServer },
];

export function programOf({ name, configure }: Consumer, setting: ConsumerSetting): Program {
  return { name, configure: (folder, port) => configure(setting, folder, port) };
}
