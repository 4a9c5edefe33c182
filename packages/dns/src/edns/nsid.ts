/** NSID: which of many servers it was (RFC 5001 §2.3); empty in a query, and any octets in an answer. */
import { textFromOctets } from '@riad/octets/ascii';
import { formatHex } from '@riad/octets/hex';
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { EdnsOptionType } from './option.ts';

export const nsid: EdnsOptionType<Uint8Array> = new EdnsOptionType({
  code: EdnsOptionCode.NSID,
  name: 'NSID',
  reference: 'RFC 5001 §2.3',
  decode: (reader) => reader.rest(),
  encode: (value, writer) => writer.octets(value),
  format: (value) =>
    `${formatHex(value)} ("${textFromOctets(value).replaceAll(/[^\x20-\x7e]/g, '.')}")`,
});
