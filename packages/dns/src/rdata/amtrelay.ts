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

export type Amtrelay = {
  readonly precedence: number;
  readonly discoveryOptional: boolean;
  readonly relay: Gateway;
};

const discoveryBit = 0x80; // RFC 8777 §4.2.2

class AmtrelayCodec extends NamelessCodec<Amtrelay> {
  decode(reader: Reader): Amtrelay {
    const precedence = reader.uint8('precedence');
    const type = reader.uint8('relay type');
    const relay = decodeGateway(type & ~discoveryBit, reader);
    return { precedence, discoveryOptional: (type & discoveryBit) !== 0, relay };
  }

  encode(value: Amtrelay, writer: Writer): void {
    writer.uint8(requireUnsigned(value.precedence, 0xff, 'precedence'));
    writer.uint8(gatewayType(value.relay) | (value.discoveryOptional ? discoveryBit : 0));
    encodeGateway(value.relay, writer);
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
