/** From what riad.yaml says to what requests are judged by; apart from the schema, which a service need not load. */
import { type AddressList, parseAddressEntry } from '@riad/dns-server/access/address-list';
import { type AddressRules, keysOnly } from '@riad/dns-server/access/rights';
import type { Listener } from '@riad/runtime/service';

/** Lists that were checked with the configuration; who is in none of them needs a key. */
export function addressRules(
  access: Partial<Readonly<Record<keyof AddressRules, readonly string[]>>>,
): AddressRules {
  const rules: Record<keyof AddressRules, AddressList> = { ...keysOnly };
  for (const operation of ['query', 'notify', 'transfer', 'update'] as const) {
    const list = access[operation];
    if (list !== undefined) rules[operation] = list.flatMap(entriesOf);
  }
  return rules;
}

function entriesOf(text: string): AddressList {
  const entries = parseAddressEntry(text);
  return typeof entries === 'string' ? [] : entries;
}

/** Addresses on port 53, where name servers are told of changes: nobody tells himself. */
export function ownAddresses(listeners: readonly Listener[]): Set<string> {
  return new Set(listeners.flatMap(({ address, port }) => (port === 53 ? [address] : [])));
}
