/** TCP keepalive: how long an idle connection stays open (RFC 7828 §3.1); empty in a query. */
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { requireUnsigned } from '../rdata/number-field.ts';
import { EdnsOptionType } from './option.ts';

export type Keepalive = { readonly timeoutDeciseconds: number | undefined };

export const keepalive: EdnsOptionType<Keepalive> = new EdnsOptionType<Keepalive>({
  code: EdnsOptionCode['TCP-KEEPALIVE'],
  name: 'TCP-KEEPALIVE',
  reference: 'RFC 7828 §3.1',
  decode: (reader) => ({
    timeoutDeciseconds: reader.remaining === 0 ? undefined : reader.uint16('timeout'),
  }),
  encode: ({ timeoutDeciseconds }, writer) => {
    if (timeoutDeciseconds === undefined) return;
    writer.uint16(requireUnsigned(timeoutDeciseconds, 0xffff, 'timeoutDeciseconds'));
  },
  format: ({ timeoutDeciseconds }) =>
    timeoutDeciseconds === undefined ? '' : `${(timeoutDeciseconds / 10).toFixed(1)} secs`,
});
