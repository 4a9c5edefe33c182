/** Report channel: the domain that collects errors of resolvers (RFC 9567 §5). */
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { checkName, decodeName, formatName, type Name } from '../name.ts';
import { EdnsOptionType } from './option.ts';

export const reportChannel: EdnsOptionType<Name> = new EdnsOptionType({
  code: EdnsOptionCode['REPORT-CHANNEL'],
  name: 'REPORT-CHANNEL',
  reference: 'RFC 9567 §5',
  decode: (reader) => decodeName(reader, 'agent domain', false), // never compressed
  encode: (value, writer) => writer.octets(checkName(value)),
  format: formatName,
});
