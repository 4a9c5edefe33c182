/** Chain: the closest name whose chain of trust the client has already (RFC 7901 §4). */
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { checkName, decodeName, formatName, type Name } from '../name.ts';
import { EdnsOptionType } from './option.ts';

export const chain: EdnsOptionType<Name> = new EdnsOptionType({
  code: EdnsOptionCode.CHAIN,
  name: 'CHAIN',
  reference: 'RFC 7901 §4',
  decode: (reader) => decodeName(reader, 'closest trust point', false), // never compressed
  encode: (value, writer) => writer.octets(checkName(value)),
  format: formatName,
});
