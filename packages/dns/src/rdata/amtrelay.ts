/** AMTRELAY: a relay for multicast without native support (RFC 8777 §4). */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { NamelessCodec } from './codec.ts';
import {
  decodeGateway,
  encodeGateway,
  formatGateway,
  type Gateway,
  gatewayType,
  parseGateway,
} from './gateway.ts';
import { parseUnsigned, requireUnsigned } from './number-field.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

/** A relay of a type that RFC 8777 §4.2.3 leaves to the future; it has no notation. */
export type UnknownRelay = {
  readonly type: 'unknown';
  readonly number: number;
  readonly octets: Uint8Array;
};

export type Amtrelay = {
  readonly precedence: number;
  readonly discoveryOptional: boolean;
  readonly relay: Gateway | UnknownRelay;
};

const discoveryBit = 0x80; // RFC 8777 §4.2.2
const lastKnownType = 3; // §4.2.3

class AmtrelayCodec extends NamelessCodec<Amtrelay> {
  decode(reader: Reader): Amtrelay {
    const precedence = reader.uint8('precedence');
    const type = reader.uint8('relay type');
    const number = type & ~discoveryBit;
    const relay: Amtrelay['relay'] =
      number > lastKnownType
        ? { type: 'unknown', number, octets: reader.rest() }
        : decodeGateway(number, reader);
    return { precedence, discoveryOptional: (type & discoveryBit) !== 0, relay };
  }

  encode(value: Amtrelay, writer: Writer): void {
    writer.uint8(requireUnsigned(value.precedence, 0xff, 'precedence'));
    const { relay } = value;
    const discovery = value.discoveryOptional ? discoveryBit : 0;
    if (relay.type === 'unknown') {
      if (relay.number <= lastKnownType)
        throw new RangeError(`relay type ${relay.number} is known`);
      writer.uint8(requireUnsigned(relay.number, 0x7f, 'relay type') | discovery);
      writer.octets(relay.octets);
      return;
    }
    writer.uint8(gatewayType(relay) | discovery);
    encodeGateway(relay, writer);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    writer.uint8(parseUnsigned(tokens, 0xff));
    tokens.require('discovery bit');
    const discovery = parseUnsigned(tokens, 1);
    tokens.require('relay type');
    const type = parseUnsigned(tokens, 3);
    writer.uint8(type | (discovery << 7));
    if (tokens.next()) parseGateway(type, tokens, writer);
    else if (type !== 0) tokens.require('relay');
  }

  format(reader: Reader): string {
    const { precedence, discoveryOptional, relay } = this.decode(reader);
    if (relay.type === 'unknown') return reader.fail('rdata.value', 'a relay without a notation');
    const type = gatewayType(relay);
    return `${precedence} ${discoveryOptional ? 1 : 0} ${type} ${formatGateway(relay)}`;
  }
}

export const amtrelay: RecordType<Amtrelay> = wholeRecordType({
  code: 260,
  mnemonic: 'AMTRELAY',
  reference: 'RFC 8777 §4',
  codec: new AmtrelayCodec(),
});
