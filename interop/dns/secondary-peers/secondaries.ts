/**
 * BIND, NSD and Knot as secondaries that keep what they are told to ask for with a key, over TCP or TLS,
 * and that hear NOTIFY signed with one of the keys. Each listens where it is told, for its primary has to
 * know that before.
 */
import { bindCommand, bindKey, named } from '../../peers/bind.ts';
import { knot, knotCommand, knotKey } from '../../peers/knot.ts';
import { nsd, nsdCommand, nsdKey } from '../../peers/nsd.ts';
import {
  type Command,
  lines,
  loopback,
  type Program,
  type RunningServer,
  startServer,
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

type Configure = (setting: SecondarySetting, folder: string) => Command;

export type SecondaryPeer = {
  readonly name: 'bind' | 'nsd' | 'knot';
  readonly missing: false | string;
  /** Whether it asks over TLS. */
  readonly speaksTls: boolean;
  readonly configure: Configure;
};

/** Its `tls` checks no certificate unless it is told whose (opportunistic, RFC 9103 §7.4). */
const bind: Configure = ({ port, primary, zones, keys, notifyKey }, folder) => {
  return bindCommand(folder, port, {
    options: `  notify no;
  empty-zones-enable no;
  dnssec-validation no;
  check-names secondary ignore;
  allow-transfer { any; };
  transfers-in 20;
  transfers-per-ns 20;
  max-ixfr-ratio unlimited;`,
    statements: `tls primary-tls { protocols { TLSv1.3; }; };
${lines(keys, ({ text, algorithm, base64 }) => bindKey(text, algorithm, base64))}
${lines(zones, ({ name, key, overTls }) => {
  const from = overTls
    ? `${loopback} port ${primary.tlsPort} key "${key.text}" tls primary-tls`
    : `${loopback} port ${primary.port} key "${key.text}"`;
  return `zone "${name}" { type secondary; file "${name}.copy"; masterfile-format text; primaries { ${from}; }; allow-notify { key "${notifyKey.text}"; }; };`;
})}`,
  });
};

/** It checks the certificate in any case. */
const nsdServer: Configure = ({ port, primary, zones, keys, notifyKey }, folder) => {
  return nsdCommand(folder, port, {
    server: `  xfrd-reload-timeout: 0
  zonefiles-write: 1
  verbosity: 2
  tls-cert-bundle: "${primary.certificate}"`,
    rest: `tls-auth:
  name: primary-tls
  auth-domain-name: "ns.test"
${lines(keys, ({ text, algorithm, base64 }) => nsdKey(text, algorithm, base64))}
${lines(
  zones,
  ({ name, key, overTls }) => `zone:
  name: "${name}"
  zonefile: "${name}.copy"
  request-xfr: ${loopback}@${overTls ? `${primary.tlsPort} ${key.text} primary-tls` : `${primary.port} ${key.text}`}
  allow-notify: ${loopback} ${notifyKey.text}
  provide-xfr: ${loopback} NOKEY`,
)}`,
  });
};

const knotServer: Configure = ({ port, primary, zones, keys, notifyKey }, folder) => {
  return knotCommand(folder, port, {
    backgroundWorkers: 2,
    rest: `key:
${lines(keys, ({ text, algorithm, base64 }) => knotKey(text, algorithm, base64))}
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
${lines(zones, ({ name, key }) => `  - domain: "${name}"\n    master: "with.${key.text}"`)}`,
  });
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
