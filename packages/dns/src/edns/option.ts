/** An EDNS option (RFC 6891 §6.1.2) and what a kind of option knows of itself. */
import { DecodeError } from '@riad/octets/decode-error';
import { Reader } from '@riad/octets/reader';
import { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';

/** As it came, and as it will be sent; known and unknown options alike. */
export type EdnsOption = { readonly code: number; readonly octets: Uint8Array };

export type Edns = {
  /** What the sender can take over UDP; less than 512 counts as 512 (RFC 6891 §6.2.3). */
  readonly udpPayloadOctets: number;
  readonly version: number;
  /** DNSSEC OK (RFC 3225). */
  readonly dnssecOk: boolean;
  /** In the order they came; none if the version is not ours to read. */
  readonly options: readonly EdnsOption[];
};

export class EdnsOptionType<Value> {
  readonly code: number;
  readonly name: string;
  readonly reference: string;
  private readonly read: (reader: Reader) => Value;
  private readonly write: (value: Value, writer: Writer) => void;
  private readonly print: (value: Value) => string;

  constructor(declaration: {
    readonly code: number;
    readonly name: string;
    readonly reference: string;
    readonly decode: (reader: Reader) => Value;
    readonly encode: (value: Value, writer: Writer) => void;
    readonly format: (value: Value) => string;
  }) {
    this.code = declaration.code;
    this.name = declaration.name;
    this.reference = declaration.reference;
    this.read = declaration.decode;
    this.write = declaration.encode;
    this.print = declaration.format;
  }

  /** The value of an option; malformed octets are a DecodeError with code `edns.option`. */
  decode(octets: Uint8Array): Value {
    try {
      const reader = new Reader(octets);
      const value = this.read(reader);
      reader.finish(this.name);
      return value;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new DecodeError(
        'edns.option',
        error.offset,
        `${codes['edns.option']}: ${error.message}`,
      );
    }
  }

  encode(value: Value): EdnsOption {
    const writer = new Writer(16);
    this.write(value, writer);
    return { code: this.code, octets: writer.copy() };
  }

  format(octets: Uint8Array): string {
    return this.print(this.decode(octets));
  }

  /** The value of the first option of this kind; those after it do not count. */
  find(edns: Edns | undefined): Value | undefined {
    const option = edns?.options.find(({ code }) => code === this.code);
    return option === undefined ? undefined : this.decode(option.octets);
  }
}
