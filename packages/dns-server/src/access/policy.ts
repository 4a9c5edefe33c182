/**
 * What a policy leaves of the rights that the names of keys grant. It only takes away: every rule that
 * matches a key holds for it, and a key that no rule matches keeps what its name grants. The policy
 * comes in as plain values; services read it from a file.
 */

import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { equalNames, isSubdomain, labelCount, labelsOf, type Name } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { equalIgnoringCase } from '@riad/octets/ascii';
import { DecodeError } from '@riad/octets/decode-error';
import type { UnixSeconds } from '@riad/octets/engine';
import { type AddressList, listHas } from './address-list.ts';
import { readKeyName } from './key-name.ts';
import { fitsPattern, type NamePattern } from './name-pattern.ts';

export const maxPolicyRules = 1000;
/** Names, types or values of one rule: each is looked at for each change. */
export const maxRuleParts = 100;

export type NameRule =
  | { readonly kind: 'exact'; readonly name: Name }
  /** The name and all below it. */
  | { readonly kind: 'subtree'; readonly name: Name }
  /** What the key's own name says: its labels before the operation, within its zone; `prefix` before them. */
  | { readonly kind: 'self'; readonly prefix: readonly Uint8Array[] };

export type ValueRule =
  /** Of A and AAAA records. */
  | { readonly kind: 'addresses'; readonly list: AddressList }
  /** The record data as master files write them, names in lower case; `*` stands for any characters. */
  | { readonly kind: 'text'; readonly pattern: string };

/** What an update may touch; undefined parts leave everything. */
export type Allowance = {
  readonly names: readonly NameRule[] | undefined;
  readonly types: readonly number[] | undefined;
  /** For each type that is mentioned: one of these. */
  readonly values: ReadonlyMap<number, readonly ValueRule[]> | undefined;
};

export type PolicyRule = {
  readonly keys: NamePattern;
  /** An update may do what one of these allows; undefined: all that the name of the key grants. */
  readonly allow: readonly Allowance[] | undefined;
  readonly changesPerHour: number | undefined;
  /** The last second in which the key is good for anything. */
  readonly notAfter: UnixSeconds | undefined;
  /** From where the key may be used; undefined: from everywhere. */
  readonly addresses: AddressList | undefined;
};

export type Policy = { readonly rules: readonly PolicyRule[] };
export const noPolicy: Policy = { rules: [] };

/** No key is good for anything: stands in for a policy that nobody could read so far. */
export const lockedPolicy: Policy = {
  rules: [
    {
      keys: { kind: 'every' },
      allow: [],
      changesPerHour: 0,
      notAfter: -1 as UnixSeconds,
      addresses: [],
    },
  ],
};

/** One record, or all of a type or name with what that takes away, as an update would do it. */
export type Change =
  | {
      readonly kind: 'add' | 'remove';
      readonly owner: Name;
      readonly type: number;
      readonly rdata: Uint8Array;
    }
  | {
      readonly kind: 'remove-rrset';
      readonly owner: Name;
      readonly type: number;
      /** The record data that stand there; undefined when the caller has not looked. */
      readonly present: readonly Uint8Array[] | undefined;
    }
  | {
      readonly kind: 'remove-name';
      readonly owner: Name;
      /** Every RRset that stands there; undefined when the caller has not looked. */
      readonly present:
        | readonly { readonly type: number; readonly values: readonly Uint8Array[] }[]
        | undefined;
    };

export const policyReasons = {
  'policy.name': 'the policy does not let this key change this name',
  'policy.type': 'the policy does not let this key change records of this type here',
  'policy.value': 'the policy does not let this key write or remove this value here',
} as const;
export type PolicyReason = keyof typeof policyReasons;

export function rulesFor(policy: Policy, key: Name): readonly PolicyRule[] {
  return policy.rules.filter(({ keys }) => fitsPattern(keys, key));
}

/** Why a key may not be used at all at this moment, from there. */
export function keyRefusal(
  policy: Policy,
  key: Name,
  address: Uint8Array,
  port: number | undefined,
  now: UnixSeconds,
): 'access.expired' | 'access.key-address' | undefined {
  for (const { notAfter, addresses } of rulesFor(policy, key)) {
    if (notAfter !== undefined && now > notAfter) return 'access.expired';
    if (addresses !== undefined && !listHas(addresses, address, port)) return 'access.key-address';
  }
  return undefined;
}

/** The fewest that any rule leaves; undefined: as many as it likes. */
export function changesPerHour(policy: Policy, key: Name): number | undefined {
  const limits = rulesFor(policy, key).flatMap((rule) => rule.changesPerHour ?? []);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** Why the policy does not permit a change; undefined if it does. The right itself was checked before. */
export function changeRefusal(policy: Policy, key: Name, change: Change): PolicyReason | undefined {
  const reading = readKeyName(key);
  const self = reading.grants ? reading.grant.self : undefined;
  for (const { allow } of rulesFor(policy, key)) {
    if (allow === undefined) continue;
    const reason = allowancesRefusal(allow, self, change);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const steps: Readonly<Record<PolicyReason, number>> = {
  'policy.name': 1,
  'policy.type': 2,
  'policy.value': 3,
};

/** The reason of the allowance that came nearest. */
function allowancesRefusal(
  allow: readonly Allowance[],
  self: Name | undefined,
  change: Change,
): PolicyReason | undefined {
  // What takes away several records may do so if each of them may be taken away.
  const parts = partsOf(change);
  if (parts === undefined) return nearest(allow, self, change);
  for (const part of parts) {
    const reason = nearest(allow, self, part);
    if (reason !== undefined) return reason;
  }
  // Nothing stands there, so that nothing changes; whose name it is counts all the same.
  const named = allow.some(({ names }) => matchesNames(names, self, change.owner));
  return named ? undefined : 'policy.name';
}

function partsOf(change: Change): readonly Change[] | undefined {
  const { owner } = change;
  if (change.kind === 'remove-rrset') {
    const { type, present } = change;
    return present?.map((rdata) => ({ kind: 'remove', owner, type, rdata }));
  }
  if (change.kind === 'remove-name') {
    return change.present?.flatMap(({ type, values }) =>
      values.map((rdata): Change => ({ kind: 'remove', owner, type, rdata })),
    );
  }
  return undefined;
}

function nearest(
  allow: readonly Allowance[],
  self: Name | undefined,
  change: Change,
): PolicyReason | undefined {
  let reason: PolicyReason = 'policy.name';
  for (const allowance of allow) {
    const found = allowanceRefusal(allowance, self, change);
    if (found === undefined) return undefined;
    if (steps[found] > steps[reason]) reason = found;
  }
  return reason;
}

function allowanceRefusal(
  { names, types, values }: Allowance,
  self: Name | undefined,
  change: Change,
): PolicyReason | undefined {
  if (!matchesNames(names, self, change.owner)) return 'policy.name';
  // Nobody has looked at what stands there: only who may take away anything may take away all.
  if (change.kind === 'remove-name') {
    if (types !== undefined) return 'policy.type';
    return values === undefined || values.size === 0 ? undefined : 'policy.value';
  }
  if (types !== undefined && !types.includes(change.type)) return 'policy.type';
  const rules = values?.get(change.type);
  if (rules === undefined) return undefined;
  if (change.kind === 'remove-rrset') return 'policy.value';
  return rules.some((rule) => matchesValue(rule, change.type, change.rdata))
    ? undefined
    : 'policy.value';
}

function matchesNames(
  names: readonly NameRule[] | undefined,
  self: Name | undefined,
  owner: Name,
): boolean {
  return names === undefined || names.some((rule) => matchesName(rule, self, owner));
}

function matchesName(rule: NameRule, self: Name | undefined, owner: Name): boolean {
  if (rule.kind === 'exact') return equalNames(rule.name, owner);
  if (rule.kind === 'subtree') return isSubdomain(owner, rule.name);
  if (self === undefined) return false;
  const labels = labelsOf(owner);
  const { prefix } = rule;
  if (labels.length !== prefix.length + labelCount(self)) return false;
  return (
    prefix.every((label, i) => equalIgnoringCase(label, labels[i]!)) && isSubdomain(owner, self)
  );
}

/** Longer record data match no pattern but `*`, so that a match costs little whatever is sent. */
const maxMatchedCharacters = 4096;
export const maxPatternCharacters = 255;

function matchesValue(rule: ValueRule, type: number, rdata: Uint8Array): boolean {
  if (rule.kind === 'addresses') {
    const octets = type === RecordTypeCode.A ? 4 : type === RecordTypeCode.AAAA ? 16 : -1;
    return rdata.length === octets && listHas(rule.list, rdata);
  }
  if (rule.pattern === '*') return true;
  const text = canonicalText(type, rdata);
  return (
    text !== undefined && text.length <= maxMatchedCharacters && matchesPattern(text, rule.pattern)
  );
}

/** With the names in lower case where RFC 4034 §6.2 has them so; undefined for what is malformed. */
function canonicalText(type: number, rdata: Uint8Array): string | undefined {
  const recordType = recordTypeOf(type);
  try {
    return recordType.format(recordType.canonical(rdata));
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Goes back to the last `*` only, so that the work is at most the product of both lengths. */
function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern++;
      starAt = at;
    } else if (pattern[inPattern] === text[at]) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      inPattern = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}
