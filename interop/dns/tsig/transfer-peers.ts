/**
 * BIND, NSD and Knot, as primaries of a zone that each of the keys may transfer, and as secondaries of
 * zones with a key each.
 */
import { setTimeout } from 'node:timers/promises';
import { parseName } from '@riad/dns/name';
import { bindCommand, bindKey, named } from '../../peers/bind.ts';
import { knot, knotCommand, knotKey } from '../../peers/knot.ts';
import { nsd, nsdCommand, nsdKey } from '../../peers/nsd.ts';
import {
  type Command,
  lines,
  loopback,
  type RunningServer,
  type ServedZone,
  startServer,
  type ZoneFile,
} from '../../peers/server.ts';
import type { Peer } from '../../peers.ts';
import { askOverUdp } from '../authoritative/ask.ts';
import type { SharedKey } from './keys.ts';

/** A zone to be transferred from a port of loopback. */
export type SecondaryZone = { readonly name: string; readonly key: SharedKey };

type Setting = {
  readonly folder: string;
  readonly port: number;
  readonly zone: ZoneFile;
  readonly keys: readonly SharedKey[];
  /** May transfer `zone`. */
  readonly readers: readonly SharedKey[];
  readonly primaryPort: number;
  readonly secondaryZones: readonly SecondaryZone[];
};
type Configure = (setting: Setting) => Command;

export type TransferPeer = {
  readonly name: string;
  readonly peer: Peer;
  readonly configure: Configure;
  /** The line in which its log says that the signature of this zone's transfer is wrong. */
  readonly refusal: (zone: string) => RegExp;
};

/** 64 KiB for each message, so that the streams have few. */
const bind: Configure = ({ folder, port, zone, keys, readers, primaryPort, secondaryZones }) => {
  return bindCommand(folder, port, {
    options: `  notify no;
  dnssec-validation no;
  transfer-message-size 65535;
  transfers-in 20;
  transfers-per-ns 20;`,
    statements: `${lines(keys, ({ text, algorithm, base64 }) => bindKey(text, algorithm, base64))}
zone "${zone.name}" {
  type primary;
  file "${zone.path}";
  allow-transfer { ${readers.length === 0 ? 'none;' : lines(readers, ({ text }) => `key "${text}";`)} };
};
${lines(secondaryZones, ({ name, key }) => `zone "${name}" { type secondary; primaries port ${primaryPort} { ${loopback} key "${key.text}"; }; };`)}`,
  });
};

const nsdServer: Configure = ({
  folder,
  port,
  zone,
  keys,
  readers,
  primaryPort,
  secondaryZones,
}) => {
  return nsdCommand(folder, port, {
    server: `  xfrd-reload-timeout: 0
  verbosity: 2`,
    rest: `${lines(keys, ({ text, algorithm, base64 }) => nsdKey(text, algorithm, base64))}
zone:
  name: "${zone.name}"
  zonefile: "${zone.path}"
${lines(readers, ({ text }) => `  provide-xfr: ${loopback} ${text}`)}
${lines(secondaryZones, ({ name, key }) => `zone:\n  name: "${name}"\n  zonefile: "${name}.secondary"\n  request-xfr: AXFR ${loopback}@${primaryPort} ${key.text}`)}`,
  });
};

const knotServer: Configure = ({
  folder,
  port,
  zone,
  keys,
  readers,
  primaryPort,
  secondaryZones,
}) => {
  return knotCommand(folder, port, {
    rest: `key:
${lines(keys, ({ text, algorithm, base64 }) => knotKey(text, algorithm, base64))}
remote:
${lines(secondaryZones, ({ name, key }) => `  - id: "${name}"\n    address: ${loopback}@${primaryPort}\n    key: "${key.text}"`)}
${readers.length === 0 ? '' : `acl:\n  - id: transfer\n    key: [${readers.map(({ text }) => `"${text}"`).join(', ')}]\n    action: transfer`}
template:
  - id: default
    storage: "${folder}"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
  - domain: "${zone.name}"
    file: "${zone.path}"
${readers.length === 0 ? '' : '    acl: transfer'}
${lines(secondaryZones, ({ name }) => `  - domain: "${name}"\n    master: "${name}"`)}`,
  });
};

export const transferPeers: readonly TransferPeer[] = [
  {
    name: 'BIND',
    peer: named,
    configure: bind,
    refusal: (zone) => new RegExp(`'${zone}/IN' .*tsig verify failure`),
  },
  {
    name: 'NSD',
    peer: nsd,
    configure: nsdServer,
    refusal: (zone) => new RegExp(`zone ${zone}, .*bad tsig signature`),
  },
  {
    name: 'Knot',
    peer: knot,
    configure: knotServer,
    refusal: (zone) => new RegExp(`\\[${zone}\\.\\] .*failed to verify TSIG`),
  },
];

export function startTransferPeer(
  { name, configure }: TransferPeer,
  served: ServedZone,
  keys: readonly SharedKey[],
  folder: string,
): Promise<RunningServer> {
  const program = {
    name,
    configure: (inside: string, port: number, [zone]: readonly ZoneFile[]) =>
      configure({
        folder: inside,
        port,
        zone: zone!,
        keys,
        readers: keys,
        primaryPort: 0,
        secondaryZones: [],
      }),
  };
  return startServer(program, [served], folder);
}

/** Answers at once for a zone of its own, and for the others once it has transferred them. */
export function startSecondary(
  { name, configure }: TransferPeer,
  secondaryZones: readonly SecondaryZone[],
  primaryPort: number,
  folder: string,
): Promise<RunningServer> {
  const text = '$TTL 60\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n';
  const keys = secondaryZones.map(({ key }) => key);
  const program = {
    name,
    configure: (inside: string, port: number, [zone]: readonly ZoneFile[]) =>
      configure({
        folder: inside,
        port,
        zone: zone!,
        keys,
        readers: [],
        primaryPort,
        secondaryZones,
      }),
  };
  return startServer(program, [{ name: 'ready.example', text }], folder);
}

/** Whether the server answers with authority for the SOA of a zone. */
export async function isServed(server: RunningServer, zone: string): Promise<boolean> {
  const header = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const query = Uint8Array.from([...header, ...parseName(`${zone}.`), 0, 6, 0, 1]);
  const [reply] = await askOverUdp(server, [query]);
  return reply !== undefined && (reply[3]! & 15) === 0 && (reply[2]! & 4) !== 0 && reply[7] === 1;
}

export async function becomesServed(server: RunningServer, zone: string): Promise<boolean> {
  return comesTrue(() => isServed(server, zone));
}

const patienceMs = 30_000;
const lookEveryMs = 50;

/** Looks again and again; false when it does not come true. */
export async function comesTrue(look: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (!(await look())) {
    if (performance.now() > deadline) return false;
    await setTimeout(lookEveryMs);
  }
  return true;
}
