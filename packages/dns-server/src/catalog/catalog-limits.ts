/** What a catalog's names leave room for; apart from what makes catalogs, which a configuration need not load. */
import { maxNameOctets } from '@riad/dns/name';

/** Octets of a label that `uniqueLabel` makes: base32hex of SHA-1. */
const uniqueOctets = 32;
/** Octets of a catalog's name that leave room for `group.UNIQUE.zones` before it. */
export const maxCatalogNameOctets: number =
  maxNameOctets - (1 + 'group'.length) - (1 + uniqueOctets) - (1 + 'zones'.length);
