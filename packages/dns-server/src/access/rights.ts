/**
 * Who may do what with a zone: the right that a key's name grants, within its policy, or else the
 * address that a request comes from. Not here: which records an update may touch; `policy.ts` says
 * that, once the update itself is permitted.
 */
import type { Name } from '@riad/dns/name';
import type { UnixSeconds } from '@riad/octets/engine';
import { type AddressRules, keysOnly, listHas, type Operation } from './address-list.ts';
import { coversZone, includesRight, readKeyName } from './key-name.ts';
import { keyRefusal, noPolicy, type Policy } from './policy.ts';

export type AccessRules = { readonly addresses: AddressRules; readonly policy: Policy };

export const defaultAccess: AccessRules = { addresses: keysOnly, policy: noPolicy };

export type AccessRequest = {
  readonly operation: Operation;
  readonly zone: Name;
  /** The key whose MAC was verified; undefined for what is unsigned. */
  readonly key: { readonly name: Name } | undefined;
  /** Where it comes from: four or sixteen octets. */
  readonly address: Uint8Array;
  readonly port?: number;
  readonly now: UnixSeconds;
};

export const accessReasons = {
  'access.no-key': 'it is not signed, and its address alone is not enough',
  'access.key-grants-nothing': 'the name of its key grants nothing',
  'access.right': 'its key has a lesser right',
  'access.zone': 'its key is for another zone',
  'access.expired': 'the policy lets its key be used no longer',
  'access.key-address': 'the policy lets its key be used from other addresses only',
} as const;
export type AccessReason = keyof typeof accessReasons;

export type Permission =
  | { readonly permitted: true; readonly by: 'key' | 'address' }
  | { readonly permitted: false; readonly reason: AccessReason };

export function permits(request: AccessRequest, rules: AccessRules = defaultAccess): Permission {
  const reason = keyReason(request, rules.policy);
  if (reason === undefined) return { permitted: true, by: 'key' };
  if (listHas(rules.addresses[request.operation], request.address, request.port)) {
    return { permitted: true, by: 'address' };
  }
  return { permitted: false, reason };
}

/** Why the key does not permit it. */
function keyReason(
  { operation, zone, key, address, port, now }: AccessRequest,
  policy: Policy,
): AccessReason | undefined {
  if (key === undefined) return 'access.no-key';
  const reading = readKeyName(key.name);
  if (!reading.grants) return 'access.key-grants-nothing';
  if (!coversZone(reading.grant, zone)) return 'access.zone';
  const needed = operation === 'query' ? 'notify' : operation; // the least there is
  if (!includesRight(reading.grant.right, needed)) return 'access.right';
  return keyRefusal(policy, key.name, address, port, now);
}
