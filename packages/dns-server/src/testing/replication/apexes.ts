/** Names of zones and their texts: there are few, and they are asked for again and again. */
import { type Name, nameKey, parseName } from '@riad/dns/name';

const names = new Map<string, Name>();
const texts = new Map<string, string>();

export function apexOf(zone: string): Name {
  const known = names.get(zone);
  if (known !== undefined) return known;
  const name = parseName(zone);
  names.set(zone, name);
  texts.set(nameKey(name), zone);
  return name;
}

/** What `apexOf` was asked for; undefined for a name that is no zone. */
export function zoneOfApex(name: Name): string | undefined {
  return texts.get(nameKey(name));
}
