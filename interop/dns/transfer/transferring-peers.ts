/**
 * BIND, NSD and Knot as primaries that give transfers, IXFR too, and as secondaries of a server on
 * another port. They differ from `../../peers/` in what has to do with transfers only.
 */
import { mkdirSync } from 'node:fs';
import { named } from '../../peers/bind.ts';
import { knot } from '../../peers/knot.ts';
import { nsd } from '../../peers/nsd.ts';
import { type Program, writeConfiguration, type ZoneFile } from '../../peers/server.ts';

export type TransferringPeer = {
  readonly name: 'bind' | 'nsd' | 'knot';
  readonly missing: false | string;
  readonly primary: Program;
  /** `port`: where the primary listens. */
  readonly secondary: (port: number) => Program;
};

type Configured = [string, ...string[]];

function configureBind(folder: string, port: number, zones: string): Configured {
  const text = `options {
  directory "${folder}";
  pid-file none;
  lock-file none;
  session-keyfile none;
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion no;
  allow-transfer { any; };
  notify no;
  empty-zones-enable no;
  dnssec-validation no;
  ixfr-from-differences yes;
  check-names primary ignore;
  check-names secondary ignore;
  check-integrity no;
  check-wildcard no;
};
controls { };
logging { category default { stderr_log; }; channel stderr_log { stderr; severity info; }; };
${zones}
`;
  return [
    named.file,
    '-f',
    '-n',
    '1',
    '-U',
    '1',
    '-c',
    writeConfiguration(folder, 'named.conf', text),
  ];
}

function configureNsd(folder: string, port: number, zones: string): Configured {
  const text = `server:
  server-count: 1
  ip-address: 127.0.0.1@${port}
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
  verbosity: 2
remote-control:
  control-enable: no
${zones}
`;
  return [nsd.file, '-d', '-c', writeConfiguration(folder, 'nsd.conf', text)];
}

function configureKnot(folder: string, port: number, rest: string): Configured {
  mkdirSync(`${folder}/database`, { recursive: true });
  const text = `server:
    rundir: "${folder}"
    listen: "127.0.0.1@${port}"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "${folder}/database"
log:
  - target: stderr
    any: info
acl:
  - id: anybody
    address: 127.0.0.1
    action: [transfer, notify]
${rest}
`;
  return [knot.file, '-c', writeConfiguration(folder, 'knot.conf', text)];
}

const perZone = (zones: readonly ZoneFile[], text: (zone: ZoneFile) => string): string =>
  zones.map(text).join('\n');

export const transferringPeers: readonly TransferringPeer[] = [
  {
    name: 'bind',
    missing: named.missing,
    primary: {
      name: 'bind',
      configure: (folder, port, zones) =>
        configureBind(
          folder,
          port,
          perZone(zones, ({ name, path }) => `zone "${name}" { type primary; file "${path}"; };`),
        ),
    },
    secondary: (primary) => ({
      name: 'bind',
      configure: (folder, port, zones) =>
        configureBind(
          folder,
          port,
          perZone(
            zones,
            ({ name }) =>
              `zone "${name}" { type secondary; primaries { 127.0.0.1 port ${primary}; }; };`,
          ),
        ),
    }),
  },
  {
    name: 'nsd',
    missing: nsd.missing,
    primary: {
      name: 'nsd',
      configure: (folder, port, zones) =>
        configureNsd(
          folder,
          port,
          perZone(
            zones,
            ({ name, path }) =>
              `zone:\n  name: "${name}"\n  zonefile: "${path}"\n  provide-xfr: 127.0.0.1 NOKEY\n  store-ixfr: yes\n  create-ixfr: yes`,
          ),
        ),
    },
    secondary: (primary) => ({
      name: 'nsd',
      configure: (folder, port, zones) =>
        configureNsd(
          folder,
          port,
          perZone(
            zones,
            ({ name }) =>
              `zone:\n  name: "${name}"\n  zonefile: "${folder}/copy"\n  request-xfr: 127.0.0.1@${primary} NOKEY\n  allow-notify: 127.0.0.1 NOKEY\n  provide-xfr: 127.0.0.1 NOKEY`,
          ),
        ),
    }),
  },
  {
    name: 'knot',
    missing: knot.missing,
    primary: {
      name: 'knot',
      configure: (folder, port, zones) =>
        configureKnot(
          folder,
          port,
          `template:
  - id: default
    storage: "${folder}"
    zonefile-sync: -1
    zonefile-load: difference
    journal-content: changes
    semantic-checks: off
zone:
${perZone(zones, ({ name, path }) => `  - domain: "${name}"\n    file: "${path}"\n    acl: anybody`)}`,
        ),
    },
    secondary: (primary) => ({
      name: 'knot',
      configure: (folder, port, zones) =>
        configureKnot(
          folder,
          port,
          `remote:
  - id: primary
    address: 127.0.0.1@${primary}
template:
  - id: default
    storage: "${folder}"
    zonefile-sync: -1
    zonefile-load: none
    journal-content: all
    semantic-checks: off
zone:
${perZone(zones, ({ name }) => `  - domain: "${name}"\n    master: primary\n    acl: anybody`)}`,
        ),
    }),
  },
];
