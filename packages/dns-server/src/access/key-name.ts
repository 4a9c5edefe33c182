/**
 * What the name of a key grants: right, zone and peers stand in its labels.
 *
 *     key-name = *( label "." ) [ [ peer "." ] peer "." ] op "." zone
 *     op       = "_update" / "_transfer" / "_notify"
 *     peer     = four labels of an IPv4 address / one label of 32 hexadecimal digits, an IPv6 address
 *     zone     = host name, or the root: every zone
 *
 * Not here: secrets, and what a policy takes away again.
 */
import { canonicalName, isSubdomain, labelsOf, type Name, nameFromLabels } from '@riad/dns/name';
import { textFromOctets } from '@riad/octets/ascii';
import { parseHex } from '@riad/octets/hex';
import { formatAddress } from './address.ts';

export type Right = 'notify' | 'transfer' | 'update';

export type KeyPeers = {
  readonly primary: string;
  /** Undefined for a hidden secondary. */
  readonly secondary: string | undefined;
};

export type KeyGrant = {
  readonly right: Right;
  /** The zone and all below it; in lower case. */
  readonly zone: Name;
  readonly peers: KeyPeers | undefined;
  /** The labels before the operation, as a name below the zone; undefined if there are none. */
  readonly self: Name | undefined;
};

export type KeyNameReading =
  | { readonly grants: true; readonly grant: KeyGrant }
  | { readonly grants: false; readonly why: 'no-operation' | 'zone-no-host-name' };

const rightOfLabel: ReadonlyMap<string, Right> = new Map([
  ['_update', 'update'],
  ['_transfer', 'transfer'],
  ['_notify', 'notify'],
]);
const ranks: Readonly<Record<Right, number>> = { notify: 1, transfer: 2, update: 3 };

/** Whether who has one right may do what needs the other: update ⊇ transfer ⊇ notify. */
export function includesRight(held: Right, needed: Right): boolean {
  return ranks[held] >= ranks[needed];
}

/** Rights reach down: to the zone of the key and all zones below. */
export function coversZone({ zone }: KeyGrant, asked: Name): boolean {
  return isSubdomain(asked, zone);
}

/** Each request of a key asks again; names of keys live as long as their ring. */
const readings = new WeakMap<Name, KeyNameReading>();

export function readKeyName(name: Name): KeyNameReading {
  let reading = readings.get(name);
  if (reading === undefined) {
    reading = readLabels(name);
    readings.set(name, reading);
  }
  return reading;
}

function readLabels(name: Name): KeyNameReading {
  const octets = labelsOf(canonicalName(name));
  const labels = octets.map((label) => textFromOctets(label));
  const operation = labels.findLastIndex((label) => rightOfLabel.has(label));
  const right = rightOfLabel.get(labels[operation] ?? '');
  if (right === undefined) return { grants: false, why: 'no-operation' };
  const zone = labels.slice(operation + 1);
  if (!isHostName(zone)) return { grants: false, why: 'zone-no-host-name' };
  const before = octets.slice(0, operation);
  return {
    grants: true,
    grant: {
      right,
      zone: nameFromLabels(octets.slice(operation + 1)),
      peers: readPeers(labels),
      self:
        before.length === 0
          ? undefined
          : nameFromLabels([...before, ...octets.slice(operation + 1)]),
    },
  };
}

function isHostName(labels: readonly string[]): boolean {
  const last = labels.at(-1);
  return (
    labels.every((label) => /^[a-z0-9][a-z0-9-]*$/.test(label)) &&
    (last === undefined || !/^[0-9]+$/.test(last))
  );
}

/** Those left of the rightmost `_transfer`, whether or not that is the operation. */
function readPeers(labels: readonly string[]): KeyPeers | undefined {
  const transfer = labels.lastIndexOf('_transfer');
  if (transfer < 0) return undefined;
  const last = readPeer(labels, transfer);
  if (last === undefined) return undefined;
  const first = readPeer(labels, last.start);
  return first === undefined
    ? { primary: last.address, secondary: undefined }
    : { primary: first.address, secondary: last.address };
}

/** The address whose labels end before `end`, in the order one reads it in. */
function readPeer(
  labels: readonly string[],
  end: number,
): { readonly address: string; readonly start: number } | undefined {
  const label = labels[end - 1] ?? '';
  if (/^[0-9a-f]{32}$/.test(label)) {
    return { address: formatAddress(parseHex(label)), start: end - 1 };
  }
  if (end < 4) return undefined;
  const quad = labels.slice(end - 4, end);
  if (!quad.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return { address: quad.join('.'), start: end - 4 };
}
