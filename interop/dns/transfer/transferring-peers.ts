/**
 * BIND, NSD and Knot as primaries that give transfers, IXFR too, and as secondaries of a server on
 * another port. They differ from `../../peers/` in what has to do with transfers only.
 */
import { bindCommand, named } from '../../peers/bind.ts';
import { knot, knotCommand } from '../../peers/knot.ts';
import { nsd, nsdCommand } from '../../peers/nsd.ts';
import { type Command, lines, type Program } from '../../peers/server.ts';

export type TransferringPeer = {
  readonly name: 'bind' | 'nsd' | 'knot';
  readonly missing: false | string;
  readonly primary: Program;
  /** `port`: where the primary listens. */
  readonly secondary: (port: number) => Program;
};

function configureBind(folder: string, port: number, zones: string): Command {
  return bindCommand(folder, port, {
    options: `  allow-transfer { any; };
  notify no;
  empty-zones-enable no;
  dnssec-validation no;
  ixfr-from-differences yes;
  check-names primary ignore;
  check-names secondary ignore;
  check-integrity no;
  check-wildcard no;`,
    statements: `${zones}`,
  });
}

function configureNsd(folder: string, port: number, zones: string): Command {
  return nsdCommand(folder, port, {
    server: `  xfrd-reload-timeout: 0
  verbosity: 2`,
    rest: `${zones}`,
  });
}

function configureKnot(folder: string, port: number, rest: string): Command {
  return knotCommand(folder, port, {
    rest: `acl:
  - id: anybody
    address: 127.0.0.1
    action: [transfer, notify]
${rest}`,
  });
}

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
          lines(zones, ({ name, path }) => `zone "${name}" { type primary; file "${path}"; };`),
        ),
    },
    secondary: (primary) => ({
      name: 'bind',
      configure: (folder, port, zones) =>
        configureBind(
          folder,
          port,
          lines(
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
          lines(
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
          lines(
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
${lines(zones, ({ name, path }) => `  - domain: "${name}"\n    file: "${path}"\n    acl: anybody`)}`,
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
${lines(zones, ({ name }) => `  - domain: "${name}"\n    master: primary\n    acl: anybody`)}`,
        ),
    }),
  },
];
