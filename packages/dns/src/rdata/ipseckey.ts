/** IPSECKEY: the key and the gateway to talk IPsec with (RFC 4025 §2). */
import { formatBase64 } from '@riad/octets/base64';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { parseBase64Tokens } from './base64-field.ts';
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

export type Ipseckey = {
  readonly precedence: number;
  readonly algorithm: number;
  readonly gateway: Gateway;
  readonly key: Uint8Array;
};

class IpseckeyCodec extends NamelessCodec<Ipseckey> {
  decode(reader: Reader): Ipseckey {
    const precedence = reader.uint8('precedence');
    const type = reader.uint8('gateway type');
    const algorithm = reader.uint8('algorithm');
    const gateway = decodeGateway(type, reader);
    return { precedence, algorithm, gateway, key: reader.rest() };
  }

  encode(value: Ipseckey, writer: Writer): void {
    writer.uint8(requireUnsigned(value.precedence, 0xff, 'precedence'));
    writer.uint8(gatewayType(value.gateway));
    writer.uint8(requireUnsigned(value.algorithm, 0xff, 'algorithm'));
    encodeGateway(value.gateway, writer);
    writer.octets(value.key);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    writer.uint8(parseUnsigned(tokens, 0xff));
    tokens.require('gateway type');
    const type = parseUnsigned(tokens, 3);
    writer.uint8(type);
    tokens.require('algorithm');
    writer.uint8(parseUnsigned(tokens, 0xff));
    tokens.require('gateway');
    parseGateway(type, tokens, writer);
    if (tokens.next()) parseBase64Tokens(tokens, writer);
  }

  format(reader: Reader): string {
    const { precedence, algorithm, gateway, key } = this.decode(reader);
    const type = gatewayType(gateway);
    const text = `${precedence} ${type} ${algorithm} ${formatGateway(gateway)}`;
    return key.length === 0 ? text : `${text} ${formatBase64(key)}`;
  }
}

export const ipseckey: RecordType<Ipseckey> = wholeRecordType({
  code: 45,
  mnemonic: 'IPSECKEY',
  reference: 'RFC 4025 §2',
  codec: new IpseckeyCodec(),
});
