/** Key tag: which trust anchors a validator has (RFC 8145 §4.1). */
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { requireUnsigned } from '../rdata/number-field.ts';
import { EdnsOptionType } from './option.ts';

export const keyTag: EdnsOptionType<readonly number[]> = new EdnsOptionType<readonly number[]>({
  code: EdnsOptionCode['KEY-TAG'],
  name: 'KEY-TAG',
  reference: 'RFC 8145 §4.1',
  decode: (reader) => {
    const tags: number[] = [];
    do tags.push(reader.uint16('key tag'));
    while (reader.remaining > 0);
    return tags;
  },
  encode: (value, writer) => {
    if (value.length === 0) throw new RangeError('one key tag at least');
    for (const tag of value) writer.uint16(requireUnsigned(tag, 0xffff, 'key tag'));
  },
  format: (value) => value.join(', '),
});
