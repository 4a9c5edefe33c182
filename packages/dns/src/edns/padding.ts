/** Padding: octets that hide how long a message is (RFC 7830 §3); what they are is ignored. */
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { requireUnsigned } from '../rdata/number-field.ts';
import { EdnsOptionType } from './option.ts';

export type Padding = { readonly lengthOctets: number };

export const padding: EdnsOptionType<Padding> = new EdnsOptionType<Padding>({
  code: EdnsOptionCode.PADDING,
  name: 'PADDING',
  reference: 'RFC 7830 §3',
  decode: (reader) => ({ lengthOctets: reader.rest().length }),
  encode: ({ lengthOctets }, writer) =>
    writer.octets(new Uint8Array(requireUnsigned(lengthOctets, 0xffff, 'lengthOctets'))),
  format: ({ lengthOctets }) => `(${lengthOctets} octets)`,
});
