/** The service parameters of SVCB and HTTPS. */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { type Field, field, NamelessCodec } from './codec.ts';
import {
  readSvcParams,
  type SvcParams,
  typedSvcParams,
  untypedSvcParams,
  writeSvcParams,
} from './svc-params.ts';
import { formatSvcParams, parseSvcParams } from './svc-params-text.ts';
import type { TokenReader } from './token-reader.ts';

class SvcParamsCodec extends NamelessCodec<SvcParams> {
  decode(reader: Reader): SvcParams {
    return typedSvcParams(readSvcParams(reader));
  }

  encode(value: SvcParams, writer: Writer): void {
    const wrong = writeSvcParams(untypedSvcParams(value), writer);
    if (wrong !== undefined) throw new RangeError(wrong);
  }

  override skip(reader: Reader): void {
    readSvcParams(reader);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    parseSvcParams(tokens, writer);
  }

  format(reader: Reader): string {
    return formatSvcParams(readSvcParams(reader));
  }
}

export function svcParams<Key extends string>(key: Key): Field<Key, SvcParams> {
  return field(key, new SvcParamsCodec(), true);
}
