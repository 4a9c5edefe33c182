/**
 * BIND and NSD where zones go over TLS and nothing else (RFC 9103): secondaries that check whose certificate
 * the primary has (strict, §9.3.1), and primaries that give zones over TLS, if asked to only to who shows
 * a certificate they know (mutual, §9.3.3).
 */
import { bindCommand, named } from '../../peers/bind.ts';
import { nsd, nsdCommand } from '../../peers/nsd.ts';
import { type Command, loopback, type Program, type ZoneFile } from '../../peers/server.ts';

/** How a secondary reaches and knows its primary. */
export type StrictSetting = {
  readonly zone: string;
  readonly tlsPort: number;
  /** The name that the certificate has to have, and the authorities that may have given it. */
  readonly name: string;
  readonly authorities: string;
};

export type StrictSecondary = {
  readonly name: 'bind' | 'nsd';
  readonly missing: false | string;
  /** What it says of a primary that is not who it should be. */
  readonly complaint: RegExp;
  readonly program: (setting: StrictSetting) => Program;
};

/** These tests are about who gives zones to whom, not about what is in them. */
const bindOptions = `  empty-zones-enable no;
  dnssec-validation no;
  check-names primary ignore;
  check-names secondary ignore;
  check-integrity no;`;

function bindSecondary({ zone, tlsPort, name, authorities }: StrictSetting): Program {
  const configure = (folder: string, port: number): Command =>
    bindCommand(folder, port, {
      options: `${bindOptions}
  allow-transfer { any; };
  notify no;`,
      statements: `tls primary-tls { ca-file "${authorities}"; remote-hostname "${name}"; protocols { TLSv1.3; }; };
zone "${zone}" { type secondary; file "${zone}.copy"; primaries { ${loopback} port ${tlsPort} tls primary-tls; }; };`,
    });
  return { name: 'bind', configure };
}

function nsdSecondary({ zone, tlsPort, name, authorities }: StrictSetting): Program {
  const configure = (folder: string, port: number): Command =>
    nsdCommand(folder, port, {
      server: `${nsdServer}
  tls-cert-bundle: "${authorities}"`,
      rest: `tls-auth:
  name: primary-tls
  auth-domain-name: "${name}"
zone:
  name: "${zone}"
  zonefile: "${zone}.copy"
  request-xfr: AXFR ${loopback}@${tlsPort} NOKEY primary-tls
  allow-notify: ${loopback} NOKEY
  provide-xfr: ${loopback} NOKEY`,
    });
  return { name: 'nsd', configure };
}

const nsdServer = `  xfrd-reload-timeout: 0
  verbosity: 3`;

export const strictSecondaries: readonly StrictSecondary[] = [
  {
    name: 'bind',
    missing: named.missing,
    complaint: /certificate verification failed/i,
    program: bindSecondary,
  },
  {
    name: 'nsd',
    missing: nsd.missing,
    complaint: /certificate verify failed/i,
    program: nsdSecondary,
  },
];

export type TlsPrimarySetting = {
  readonly tlsPort: number;
  readonly certificate: string;
  readonly key: string;
  /** Who is told of changes, by its port. */
  readonly secondaryPort: number;
  /** Certificates of secondaries, of which one has to be shown; undefined: none is asked for. */
  readonly clients?: string;
  readonly protocol?: 'TLSv1.2' | 'TLSv1.3';
};

/** Plain TCP is there for queries only: zones are given over TLS. */
export function bindPrimary(setting: TlsPrimarySetting): Program {
  const { tlsPort, certificate, key, secondaryPort, clients, protocol = 'TLSv1.3' } = setting;
  const configure = (folder: string, port: number, files: readonly ZoneFile[]): Command => {
    const known = clients === undefined ? '' : `ca-file "${clients}";`;
    const zones = files.map(
      ({ name, path }) =>
        `zone "${name}" { type primary; file "${path}"; allow-transfer port ${tlsPort} transport tls { ${loopback}; }; also-notify { ${loopback} port ${secondaryPort}; }; };`,
    );
    return bindCommand(folder, port, {
      options: `${bindOptions}
  listen-on port ${tlsPort} tls ours { ${loopback}; };
  ixfr-from-differences yes;
  notify explicit;
  notify-delay 0;`,
      statements: `tls ours { cert-file "${certificate}"; key-file "${key}"; ${known} protocols { ${protocol}; }; };
${zones.join('\n')}`,
    });
  };
  return { name: 'bind', configure };
}

export function nsdPrimary({ tlsPort, certificate, key }: TlsPrimarySetting): Program {
  const configure = (folder: string, port: number, files: readonly ZoneFile[]): Command => {
    const zones = files.map(
      ({ name, path }) =>
        `zone:\n  name: "${name}"\n  zonefile: "${path}"\n  provide-xfr: ${loopback} NOKEY\n`,
    );
    return nsdCommand(folder, port, {
      server: `${nsdServer}
  ip-address: ${loopback}@${tlsPort}
  tls-port: ${tlsPort}
  tls-service-pem: "${certificate}"
  tls-service-key: "${key}"`,
      rest: zones.join(''),
    });
  };
  return { name: 'nsd', configure };
}
