/**
 * Reads `_policy.yaml`, which stands beside the zone files and takes away from what the names of keys
 * grant (`@riad/dns-server/access/policy`). Names are absolute, with or without the final dot.
 *
 *     rules:
 *       - keys: "*._update.example.com"         # a key's name; * at the front: one or more labels
 *         allow:                                # without it: all that the key's name grants
 *           - names: [self]                     # laptop._update.example.com: laptop.example.com
 *             types: [A, AAAA]
 *             values: { A: [192.0.2.0/24] }
 *           - names: [_acme-challenge.self, { subtree: dyn.example.com }]
 *             types: [TXT]
 *         changesPerHour: 20
 *         notAfter: 2027-03-31                  # the last day, in UTC; or 2027-03-31T12:00:00Z
 *         from: [192.0.2.0/24, "2001:db8::/32"]
 *
 * Not here: what a key may do by its name, and keeping the last good policy.
 */
import { isMetaType, parseRecordType } from '@riad/dns/iana/record-types';
import { labelsOf } from '@riad/dns/name';
import {
  type AddressList,
  maxAddressEntries,
  parseAddressEntry,
} from '@riad/dns-server/access/address-list';
import { parseAbsolute, parseNamePattern } from '@riad/dns-server/access/name-pattern';
import {
  maxPatternCharacters,
  maxPolicyRules,
  maxRuleParts,
  type NameRule,
  type Policy,
  type PolicyRule,
  type ValueRule,
} from '@riad/dns-server/access/policy';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Complaint } from '@riad/runtime/configuration/configuration';
import { YamlText } from '@riad/runtime/configuration/yaml-text';
import { z } from 'zod';
import { maxPolicyFileOctets } from './policy-limits.ts';

export type PolicyReading =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

/** A text that `parse` understands; what it says otherwise is the complaint. */
function parsed<Value extends object | number>(
  parse: (text: string) => Value | string,
): z.ZodType<Value> {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (typeof value !== 'string') return value;
    context.addIssue({ code: 'custom', message: value });
    return z.NEVER;
  });
}

const typeTexts = parsed(parseType);
const addresses = z
  .array(parsed(parseAddressEntry))
  .max(maxAddressEntries)
  .transform((lists): AddressList => lists.flat());

const valueRules = z
  .record(z.string(), z.array(z.string().max(maxPatternCharacters)).max(maxRuleParts))
  .transform((record, context) => {
    const rules = new Map<number, readonly ValueRule[]>();
    for (const [mnemonic, texts] of Object.entries(record)) {
      const type = parseType(mnemonic);
      if (typeof type === 'string') {
        context.addIssue({ code: 'custom', message: type, path: [mnemonic] });
        continue;
      }
      const values = texts.flatMap((text, index): ValueRule[] => {
        const value = parseValue(type, text);
        if (typeof value !== 'string') return [value];
        context.addIssue({ code: 'custom', message: value, path: [mnemonic, index] });
        return [];
      });
      rules.set(type, values);
    }
    return rules;
  });

/** Not a union of schemas, for that would only say "invalid input". */
const nameRule = z.unknown().transform((value, context): NameRule => {
  const subtree = z.strictObject({ subtree: z.string() }).safeParse(value);
  let read: NameRule | string =
    'a name, self, PREFIX.self or { subtree: NAME } is expected, in quotes if it begins with *';
  if (typeof value === 'string') {
    read = parseNameRule(value);
  } else if (subtree.success) {
    const name = parseAbsolute(subtree.data.subtree);
    read = typeof name === 'string' ? name : { kind: 'subtree', name };
  }
  if (typeof read !== 'string') return read;
  context.addIssue({ code: 'custom', message: read });
  return z.NEVER;
});

const allowance = z.strictObject({
  names: z.array(nameRule).max(maxRuleParts).optional(),
  types: z.array(typeTexts).max(maxRuleParts).optional(),
  values: valueRules.optional(),
});

const rule = z.strictObject({
  keys: parsed(parseNamePattern),
  allow: z.array(allowance).max(maxRuleParts).optional(),
  changesPerHour: z.int().min(0).optional(),
  notAfter: parsed(parseNotAfter).optional(),
  from: addresses.optional(),
});

const file = z.strictObject({ rules: z.array(rule).max(maxPolicyRules).default([]) });

/** All that is wrong with the text, each with its line and column; a policy only if nothing is. */
export function readPolicyFile(text: string): PolicyReading {
  if (text.length > maxPolicyFileOctets) {
    const sentence = `a policy has at most ${maxPolicyFileOctets} octets`;
    return { ok: false, complaints: [{ line: 1, column: 1, sentence }] };
  }
  const yaml = new YamlText(text);
  if (yaml.complaints.length > 0) return { ok: false, complaints: yaml.complaints };
  const read = yaml.check(file, yaml.value ?? {}, []);
  if (read === undefined) return { ok: false, complaints: yaml.complaints };
  const rules = read.rules.map(
    ({ keys, allow, changesPerHour, notAfter, from }): PolicyRule => ({
      keys,
      allow: allow?.map(({ names, types, values }) => ({ names, types, values })),
      changesPerHour,
      notAfter,
      addresses: from,
    }),
  );
  return { ok: true, policy: { rules } };
}

/** `self` and `PREFIX.self`, without a final dot; else a name, which may be `self.` */
function parseNameRule(text: string): NameRule | string {
  if (text === 'self') return { kind: 'self', prefix: [] };
  if (text.endsWith('.self')) {
    const prefix = parseAbsolute(text.slice(0, -'.self'.length));
    return typeof prefix === 'string' ? prefix : { kind: 'self', prefix: labelsOf(prefix) };
  }
  const name = parseAbsolute(text);
  if (typeof name === 'string') return name;
  if (labelsOf(name).some((label) => label.includes(0x2a)) && !text.startsWith('*.')) {
    return `"${text}": all names below one are { subtree: NAME }`;
  }
  return { kind: 'exact', name };
}

function parseType(text: string): number | string {
  const type = parseRecordType(text.toUpperCase());
  if (type === undefined) return `"${text}" is not a record type`;
  return isMetaType(type) ? `"${text}" is a type that no record of a zone has` : type;
}

const typeA = 1;
const typeAaaa = 28;

function parseValue(type: number, text: string): ValueRule | string {
  if (type !== typeA && type !== typeAaaa) return { kind: 'text', pattern: text };
  const list = parseAddressEntry(text);
  if (typeof list === 'string') return list;
  if (list.some(({ port }) => port !== undefined))
    return `"${text}": an address record has no port`;
  const octets = type === typeA ? 4 : 16;
  if (!list.some((entry) => entry.octets.length === octets)) {
    return `"${text}" is of the other family than the record type`;
  }
  return { kind: 'addresses', list };
}

/** A day is good until it ends. */
function parseNotAfter(text: string): UnixSeconds | string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = day || /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text);
  const written = day ? `${text}T23:59:59Z` : text;
  const milliseconds = time ? Date.parse(written) : Number.NaN;
  // Date.parse takes the 31st of February for a day in March.
  if (
    Number.isNaN(milliseconds) ||
    new Date(milliseconds).toISOString().slice(0, 19) !== written.slice(0, 19)
  ) {
    return `"${text}" is neither a day such as 2027-03-31 nor a time such as 2027-03-31T12:00:00Z`;
  }
  return (milliseconds / 1000) as UnixSeconds;
}
