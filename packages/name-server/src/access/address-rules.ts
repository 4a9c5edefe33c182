/** From what riad.yaml says to what requests are judged by; apart from the schema, which a service need not load. */
import {
  type AddressList,
  type AddressRules,
  keysOnly,
  parseAddressEntry,
} from '@riad/dns-server/access/address-list';
import { type AddressRanges, addressRanges } from '@riad/dns-server/access/address-ranges';
import type { Listener } from '@riad/runtime/service';

/** What stands under `access`. */
export type AccessLists = {
  readonly [operation in keyof AddressRules]?: readonly string[] | undefined;
};

/** Lists that were checked with the configuration; who is in none of them needs a key. */
export function addressRules(access: AccessLists): AddressRules {
  const rules: Record<keyof AddressRules, AddressList> = { ...keysOnly };
  for (const operation of ['query', 'notify', 'transfer', 'update'] as const) {
    const list = access[operation];
    if (list !== undefined) rules[operation] = list.flatMap(entriesOf);
  }
  // Who may have a zone whole may ask for parts of it, and does: a secondary asks for the SOA first.
  if (access.query !== undefined) rules.query = [...rules.query, ...rules.transfer];
  return rules;
}

/** For who looks at each query; undefined where everybody may ask. */
export function askersOf(access: AccessLists): AddressRanges | undefined {
  return access.query === undefined ? undefined : addressRanges(addressRules(access).query);
}

function entriesOf(text: string): AddressList {
  const entries = parseAddressEntry(text);
  return typeof entries === 'string' ? [] : entries;
}

/** Addresses on port 53, where name servers are told of changes: nobody tells himself. */
export function ownAddresses(listeners: readonly Listener[]): Set<string> {
  return new Set(listeners.flatMap(({ address, port }) => (port === 53 ? [address] : [])));
}
