/**
 * BIND, NSD and Knot as secondaries that keep what they are told to ask for with a key, over TCP or TLS,
 * and that hear NOTIFY signed with one of the keys. Each listens where it is told, for its primary has to
 * know that before.
 */
import { mkdirSync } from 'node:fs';
import { named } from '../../peers/bind.ts';
import { knot } from '../../peers/knot.ts';
import { nsd } from '../../peers/nsd.ts';
import {
  loopback,
  type Program,
  type RunningServer,
  startServer,
  writeConfiguration,
} from '../../peers/server.ts';
import type { SharedKey } from '../tsig/keys.ts';

export type KeptZone = {
  readonly name: string;
  readonly key: SharedKey;
  readonly overTls: boolean;
};

export type SecondarySetting = {
  /** Its own. */
  readonly port: number;
  readonly primary: {
    readonly port: number;
    readonly tlsPort: number;
    readonly certificate: string;
  };
  readonly zones: readonly KeptZone[];
  readonly keys: readonly SharedKey[];
  readonly notifyKey: SharedKey;
};

type Configure = (setting: SecondarySetting, folder: string) => readonly [string, ...string[]];

export type SecondaryPeer = {
  readonly name: 'bind' | 'nsd' | 'knot';
  readonly missing: false | string;
  /** Whether it asks over TLS. */
  readonly speaksTls: boolean;
  readonly configure: Configure;
};

const lines = <Item>(items: readonly Item[], text: (item: Item) => string): string =>
  items.map(text).join('\n');

/** Its `tls` checks no certificate unless it is told whose (opportunistic, RFC 9103 §7.4). */
const bind: Configure = ({ port, primary, zones, keys, notifyKey }, folder) => {
  const text = `options {
  directory "${folder}";
  pid-file none;
  lock-file none;
  session-keyfile none;
  listen-on port ${port} { ${loopback}; };
  listen-on-v6 { none; };
  recursion no;
  notify no;
  empty-zones-enable no;
  dnssec-validation no;
  check-names secondary ignore;
  allow-transfer { any; };
  transfers-in 20;
  transfers-per-ns 20;
  max-ixfr-ratio unlimited;
};
controls { };
logging { category default { stderr_log; }; channel stderr_log { stderr; severity info; }; };
tls primary-tls { protocols { TLSv1.3; }; };
${lines(keys, ({ text: name, algorithm, base64 }) => `key "${name}" { algorithm ${algorithm}; secret "${base64}"; };`)}
${lines(zones, ({ name, key, overTls }) => {
  const from = overTls
    ? `${loopback} port ${primary.tlsPort} key "${key.text}" tls primary-tls`
    : `${loopback} port ${primary.port} key "${key.text}"`;
  return `zone "${name}" { type secondary; file "${name}.copy"; masterfile-format text; primaries { ${from}; }; allow-notify { key "${notifyKey.text}"; }; };`;
})}
`;
  const path = writeConfiguration(folder, 'named.conf', text);
  return [named.file, '-f', '-n', '1', '-U', '1', '-c', path];
};

/** It checks the certificate in any case. */
const nsdServer: Configure = ({ port, primary, zones, keys, notifyKey }, folder) => {
  const text = `server:
  server-count: 1
  ip-address: ${loopback}@${port}
  do-ip6: no
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  zonelistfile: "${folder}/zone.list"
  xfrdir: "${folder}"
  xfrd-reload-timeout: 0
  zonefiles-write: 1
  verbosity: 2
  tls-cert-bundle: "${primary.certificate}"
remote-control:
  control-enable: no
tls-auth:
  name: primary-tls
  auth-domain-name: "ns.test"
${lines(keys, ({ text: name, algorithm, base64 }) => `key:\n  name: "${name}"\n  algorithm: ${algorithm}\n  secret: "${base64}"`)}
${lines(
  zones,
  ({ name, key, overTls }) => `zone:
  name: "${name}"
  zonefile: "${name}.copy"
  request-xfr: ${loopback}@${overTls ? `${primary.tlsPort} ${key.text} primary-tls` : `${primary.port} ${key.text}`}
  allow-notify: ${loopback} ${notifyKey.text}
  provide-xfr: ${loopback} NOKEY`,
)}
`;
  return [nsd.file, '-d', '-c', writeConfiguration(folder, 'nsd.conf', text)];
};

const knotServer: Configure = ({ port, primary, zones, keys, notifyKey }, folder) => {
  mkdirSync(`${folder}/database`, { recursive: true });
  const text = `server:
    rundir: "${folder}"
    listen: "${loopback}@${port}"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 2
database:
    storage: "${folder}/database"
log:
  - target: stderr
    any: info
key:
${lines(keys, ({ text: name, algorithm, base64 }) => `  - id: "${name}"\n    algorithm: ${algorithm}\n    secret: "${base64}"`)}
remote:
${lines(keys, ({ text: name }) => `  - id: "with.${name}"\n    address: ${loopback}@${primary.port}\n    key: "${name}"`)}
acl:
  - id: told
    key: "${notifyKey.text}"
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
    semantic-checks: off
    acl: [told, read]
zone:
${lines(zones, ({ name, key }) => `  - domain: "${name}"\n    master: "with.${key.text}"`)}
`;
  return [knot.file, '-c', writeConfiguration(folder, 'knot.conf', text)];
};

export const secondaryPeers: readonly SecondaryPeer[] = [
  { name: 'bind', missing: named.missing, speaksTls: true, configure: bind },
  { name: 'nsd', missing: nsd.missing, speaksTls: true, configure: nsdServer },
  // Knot 3.2 transfers over TCP and QUIC; TLS came with 3.3.
  { name: 'knot', missing: knot.missing, speaksTls: false, configure: knotServer },
];

/** Ready when it answers for all its zones, which it has to transfer first. */
export function startSecondary(
  { name, speaksTls, configure }: SecondaryPeer,
  setting: SecondarySetting,
  folder: string,
): Promise<RunningServer> {
  const zones = setting.zones.filter(({ overTls }) => speaksTls || !overTls);
  const program: Program = {
    name,
    configure: (inside) => configure({ ...setting, zones }, inside),
  };
  const served = zones.map((zone) => ({ name: zone.name, text: '' })); // to be asked for
  return startServer(program, served, folder, async () => setting.port);
}
