/** Zone version: which version of a zone answered (RFC 9660 §2); empty in a query. */
import { formatHex } from '@riad/octets/hex';
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { requireUnsigned } from '../rdata/number-field.ts';
import { EdnsOptionType } from './option.ts';

export type ZoneVersion = {
  /** Labels of the zone's name, the root not counted. */
  readonly labels: number;
  /** 0 is the SOA serial, with four octets of it. */
  readonly type: number;
  readonly version: Uint8Array;
};

const soaSerial = 0; // RFC 9660 §2.1

export const zoneVersion: EdnsOptionType<ZoneVersion | undefined> = new EdnsOptionType<
  ZoneVersion | undefined
>({
  code: EdnsOptionCode.ZONEVERSION,
  name: 'ZONEVERSION',
  reference: 'RFC 9660 §2',
  decode: (reader) => {
    if (reader.remaining === 0) return undefined;
    const labels = reader.uint8('labels');
    const type = reader.uint8('type');
    const version = reader.rest();
    if (type === soaSerial && version.length !== 4) reader.fail('edns.option', 'no serial');
    return { labels, type, version };
  },
  encode: (value, writer) => {
    if (value === undefined) return;
    if (value.type === soaSerial && value.version.length !== 4) throw new RangeError('no serial');
    writer.uint8(requireUnsigned(value.labels, 127, 'labels'));
    writer.uint8(requireUnsigned(value.type, 0xff, 'type'));
    writer.octets(value.version);
  },
  format: (value) =>
    value === undefined ? '' : `${value.labels} ${value.type} ${formatHex(value.version)}`,
});
