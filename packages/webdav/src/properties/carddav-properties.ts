/** Properties of address books (RFC 6352 §6.2, §8.3). */
import { maxObjectOctets } from '../resources/object-limits.ts';
import type { Node } from '../tree/node.ts';
import { absent, type LiveProperty } from './live-property.ts';

function isBook(node: Node): boolean {
  return node.type === 'collection' && node.resource.kind === 'address-book';
}

export const carddavProperties: readonly LiveProperty[] = [
  { name: 'CR:addressbook-description', kept: true, perUser: true, write: absent },
  {
    name: 'CR:supported-address-data',
    write: (out, node) => {
      if (!isBook(node)) return false;
      for (const version of ['3.0', '4.0']) {
        out.raw(`<CR:address-data-type content-type="text/vcard" version="${version}"/>`);
      }
      return true;
    },
  },
  {
    name: 'CR:max-resource-size',
    write: (out, node) => {
      if (!isBook(node)) return false;
      out.raw(String(maxObjectOctets));
      return true;
    },
  },
  {
    name: 'CR:supported-collation-set',
    write: (out, node) => {
      if (!isBook(node)) return false;
      for (const collation of ['i;ascii-casemap', 'i;octet', 'i;unicode-casemap']) {
        out.raw(`<CR:supported-collation>${collation}</CR:supported-collation>`);
      }
      return true;
    },
  },
];
