/** Extended errors: why an answer is what it is (RFC 8914 §2). */
import { decodeUtf8, encodeUtf8 } from '@riad/octets/utf8';
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { formatExtendedError } from '../iana/extended-errors.ts';
import { requireUnsigned } from '../rdata/number-field.ts';
import { EdnsOptionType } from './option.ts';

export type ExtendedErrorOption = { readonly infoCode: number; readonly extraText: string };

export const extendedError: EdnsOptionType<ExtendedErrorOption> = new EdnsOptionType({
  code: EdnsOptionCode.EDE,
  name: 'EDE',
  reference: 'RFC 8914 §2',
  decode: (reader) => {
    const infoCode = reader.uint16('info code');
    const text = reader.rest();
    // RFC 8914 §2: EXTRA-TEXT may be null-terminated, but need not be.
    const extraText = decodeUtf8(text.at(-1) === 0 ? text.subarray(0, -1) : text);
    return { infoCode, extraText };
  },
  encode: ({ infoCode, extraText }, writer) => {
    writer.uint16(requireUnsigned(infoCode, 0xffff, 'infoCode'));
    writer.octets(encodeUtf8(extraText));
  },
  format: ({ infoCode, extraText }) => {
    const purpose = formatExtendedError(infoCode);
    const parts = [String(infoCode), purpose && `(${purpose})`, extraText && `"${extraText}"`];
    return parts.filter(Boolean).join(' ');
  },
});
