/** EXPIRE: how long a copy of the zone stays good (RFC 7314 §2); empty in a query. */
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { requireUnsigned } from '../rdata/number-field.ts';
import { EdnsOptionType } from './option.ts';

export type Expire = { readonly seconds: number | undefined };

export const expire: EdnsOptionType<Expire> = new EdnsOptionType<Expire>({
  code: EdnsOptionCode.EXPIRE,
  name: 'EXPIRE',
  reference: 'RFC 7314 §2',
  decode: (reader) => ({ seconds: reader.remaining === 0 ? undefined : reader.uint32('seconds') }),
  encode: ({ seconds }, writer) => {
    if (seconds !== undefined) writer.uint32(requireUnsigned(seconds, 0xffff_ffff, 'seconds'));
  },
  format: ({ seconds }) => (seconds === undefined ? '' : String(seconds)),
});
