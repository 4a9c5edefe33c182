/** Client subnet: which network the question comes from (RFC 7871 §6). */
import { formatIpv4, formatIpv6 } from '@riad/octets/ip-address';
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { requireUnsigned } from '../rdata/number-field.ts';
import { EdnsOptionType } from './option.ts';

export type ClientSubnet = {
  /** 1 is IPv4, 2 is IPv6; 0 with nothing else asks for no subnet to be sent. */
  readonly family: number;
  readonly sourcePrefixLength: number;
  /** 0 in a query (RFC 7871 §6). */
  readonly scopePrefixLength: number;
  /** As many octets as the source prefix needs, the bits behind it zero. */
  readonly address: Uint8Array;
};

function fits({ family, sourcePrefixLength, scopePrefixLength, address }: ClientSubnet): boolean {
  const bits = family === 1 ? 32 : family === 2 ? 128 : 0; // RFC 7871 §7.1.3: other families FORMERR
  const spare = address.length * 8 - sourcePrefixLength;
  return (
    family <= 2 &&
    sourcePrefixLength <= bits &&
    scopePrefixLength <= bits &&
    spare >= 0 &&
    spare < 8 && // §6: no octet more than needed
    ((address.at(-1) ?? 0) & ((1 << spare) - 1)) === 0 // §6: bits behind the prefix MUST be 0
  );
}

export const clientSubnet: EdnsOptionType<ClientSubnet> = new EdnsOptionType({
  code: EdnsOptionCode['CLIENT-SUBNET'],
  name: 'CLIENT-SUBNET',
  reference: 'RFC 7871 §6',
  decode: (reader) => {
    const subnet = {
      family: reader.uint16('family'),
      sourcePrefixLength: reader.uint8('source prefix length'),
      scopePrefixLength: reader.uint8('scope prefix length'),
      address: reader.rest(),
    };
    return fits(subnet) ? subnet : reader.fail('edns.option', 'no subnet');
  },
  encode: (value, writer) => {
    if (!fits(value)) throw new RangeError('no subnet');
    writer.uint16(requireUnsigned(value.family, 2, 'family'));
    writer.uint8(value.sourcePrefixLength);
    writer.uint8(value.scopePrefixLength);
    writer.octets(value.address);
  },
  format: ({ family, sourcePrefixLength, scopePrefixLength, address }) => {
    const octets = new Uint8Array(16);
    octets.set(address);
    const text = family === 1 ? formatIpv4(octets) : family === 2 ? formatIpv6(octets) : '0';
    return `${text}/${sourcePrefixLength}/${scopePrefixLength}`;
  },
});
