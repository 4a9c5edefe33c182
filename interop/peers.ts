/**
 * The programs that judge Riad: where each one stands on this machine, and the Debian package that
 * brings it. A test asks for the program it needs and is skipped, with the reason, without it:
 *
 *     const nsd = peer('nsd');
 *     test('…', { skip: nsd.missing }, async () => spawn(nsd.file, …));
 */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Debian 12's package for each program, or several. */
export const packageOf = {
  named: 'bind9',
  'named-checkconf': 'bind9-utils',
  'named-checkzone': 'bind9-utils',
  'named-compilezone': 'bind9-utils',
  rndc: 'bind9-utils',
  'dnssec-keygen': 'bind9-utils',
  'dnssec-signzone': 'bind9-utils',
  'tsig-keygen': 'bind9',
  dig: 'bind9-dnsutils',
  delv: 'bind9-dnsutils',
  nsupdate: 'bind9-dnsutils',
  nsd: 'nsd',
  'nsd-checkconf': 'nsd',
  'nsd-checkzone': 'nsd',
  'nsd-control': 'nsd',
  knotd: 'knot',
  knotc: 'knot',
  kdig: 'knot-dnsutils',
  knsupdate: 'knot-dnsutils',
  'ldns-keygen': 'ldnsutils',
  'ldns-signzone': 'ldnsutils',
  'ldns-verify-zone': 'ldnsutils',
  dnsperf: 'dnsperf',
  pebble: 'pebble',
  lego: 'lego',
  litmus: 'litmus',
  cadaver: 'cadaver',
  vdirsyncer: 'vdirsyncer',
  khal: 'khal',
  khard: 'khard',
  todoman: 'todoman',
  radicale: 'radicale',
  xandikos: 'xandikos',
  htpasswd: 'apache2-utils',
  strace: 'strace',
  // With the bindings that interop/dav/evolution.py speaks to it through.
  'evolution-source-registry':
    'evolution-data-server gir1.2-ecal-2.0 gir1.2-ebook-1.2 gir1.2-ebookcontacts-1.2 gir1.2-edataserver-1.2 python3-gi',
  'dbus-run-session': 'dbus',
  curl: 'curl',
  certbot: 'python3-certbot-dns-rfc2136', // with certbot itself
} as const satisfies Record<string, string>;

export type PeerName = keyof typeof packageOf;

export type Peer = {
  /** Absolute path; the bare name when it is missing, so that using it by mistake fails loudly. */
  readonly file: string;
  /** For `skip`: false, or the reason. */
  readonly missing: false | string;
};

export function peer(name: PeerName): Peer {
  if (process.env['RIAD_PEERS'] === 'skip') {
    return { file: name, missing: `RIAD_PEERS=skip leaves out ${name}` };
  }
  const file = findProgram(name);
  if (file !== undefined) return { file, missing: false };
  return { file: name, missing: `${name} is not installed (Debian: ${packageOf[name]})` };
}

/** Debian keeps servers in sbin, which is not on everybody's PATH, and what others start in libexec, which is on nobody's. */
const alsoIn = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/libexec'];

export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...alsoIn];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
