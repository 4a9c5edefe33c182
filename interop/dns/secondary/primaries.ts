/**
 * BIND, NSD and Knot as primaries of several zones, each with a key of its own that may transfer it, and
 * who tell one secondary of changes. They differ from `../../peers/` in what has to do with that only.
 */
import type { HmacAlgorithm } from '@riad/dns/tsig/hmac';
import { bindCommand, bindKey, named } from '../../peers/bind.ts';
import { knot, knotCommand, knotKey } from '../../peers/knot.ts';
import { nsd, nsdCommand, nsdKey } from '../../peers/nsd.ts';
import { type Command, lines, type Program, type ZoneFile } from '../../peers/server.ts';

export type KeyedZone = {
  readonly zone: string;
  readonly key: string;
  readonly algorithm: HmacAlgorithm;
  /** Base64. */
  readonly secret: string;
};

export type PrimarySetting = {
  readonly zones: readonly KeyedZone[];
  readonly secondaryPort: number;
  readonly tls:
    | { readonly port: number; readonly certificate: string; readonly key: string }
    | undefined;
};

export type Primary = {
  readonly name: string;
  readonly missing: false | string;
  /** Why zones cannot be had over TLS from this version, if they cannot. */
  readonly withoutTls: false | string;
  readonly program: (setting: PrimarySetting) => Program;
};

type Configure = (
  setting: PrimarySetting,
  folder: string,
  port: number,
  files: readonly ZoneFile[],
) => Command;

const pathOf = (files: readonly ZoneFile[], zone: string): string =>
  files.find(({ name }) => name === zone)!.path;

const bind: Configure = ({ zones, secondaryPort, tls }, folder, port, files) => {
  return bindCommand(folder, port, {
    options: `  ${tls === undefined ? '' : `listen-on port ${tls.port} tls ours { 127.0.0.1; };`}
  dnssec-validation no;
  empty-zones-enable no;
  ixfr-from-differences yes;
  notify explicit;
  notify-delay 0;`,
    statements: `${tls === undefined ? '' : `tls ours { cert-file "${tls.certificate}"; key-file "${tls.key}"; };`}
${lines(zones, ({ key, algorithm, secret }) => bindKey(key, algorithm, secret))}
${lines(
  zones,
  ({ zone, key }) =>
    `zone "${zone}" { type primary; file "${pathOf(files, zone)}"; allow-transfer { key "${key}"; }; also-notify { 127.0.0.1 port ${secondaryPort} key "${key}"; }; };`,
)}`,
  });
};

const nsdServer: Configure = ({ zones, secondaryPort, tls }, folder, port, files) => {
  return nsdCommand(folder, port, {
    server: `${tls === undefined ? '' : `  ip-address: 127.0.0.1@${tls.port}\n  tls-port: ${tls.port}\n  tls-service-pem: "${tls.certificate}"\n  tls-service-key: "${tls.key}"`}
  xfrd-reload-timeout: 0
  verbosity: 2`,
    rest: `${lines(zones, ({ key, algorithm, secret }) => nsdKey(key, algorithm, secret))}
${lines(
  zones,
  ({ zone, key }) =>
    `zone:\n  name: "${zone}"\n  zonefile: "${pathOf(files, zone)}"\n  provide-xfr: 127.0.0.1 ${key}\n  notify: 127.0.0.1@${secondaryPort} ${key}\n  store-ixfr: yes\n  create-ixfr: yes`,
)}`,
  });
};

const knotServer: Configure = ({ zones, secondaryPort }, folder, port, files) => {
  return knotCommand(folder, port, {
    rest: `key:
${lines(zones, ({ key, algorithm, secret }) => knotKey(key, algorithm, secret))}
remote:
${lines(zones, ({ zone, key }) => `  - id: "${zone}"\n    address: 127.0.0.1@${secondaryPort}\n    key: "${key}"`)}
acl:
${lines(zones, ({ zone, key }) => `  - id: "${zone}"\n    key: "${key}"\n    action: transfer`)}
template:
  - id: default
    storage: "${folder}"
    zonefile-sync: -1
    zonefile-load: difference
    journal-content: changes
    semantic-checks: off
zone:
${lines(zones, ({ zone }) => `  - domain: "${zone}"\n    file: "${pathOf(files, zone)}"\n    acl: "${zone}"\n    notify: "${zone}"`)}`,
  });
};

const program =
  (name: string, configure: Configure) =>
  (setting: PrimarySetting): Program => ({
    name,
    configure: (folder, port, files) => configure(setting, folder, port, files),
  });

export const primaries: readonly Primary[] = [
  { name: 'bind', missing: named.missing, withoutTls: false, program: program('bind', bind) },
  {
    name: 'nsd',
    missing: nsd.missing,
    withoutTls: 'NSD 4.6 does not select "dot" by ALPN, as it must (RFC 9103 §7.1)',
    program: program('nsd', nsdServer),
  },
  {
    name: 'knot',
    missing: knot.missing,
    withoutTls: 'Knot 3.2 has zones over QUIC, and none over TLS',
    program: program('knot', knotServer),
  },
];
