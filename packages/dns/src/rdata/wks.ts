/** WKS: the ports at which a host serves one protocol (RFC 1035 §3.4.2), one bit for each. */
import { formatIpv4, type Ipv4Address, octetsOfIpv4, scanIpv4 } from '@riad/octets/ip-address';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { RecordClass } from '../iana/classes.ts';
import { Mnemonics } from '../iana/mnemonics.ts';
import { NamelessCodec } from './codec.ts';
import { requireUnsigned } from './number-field.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Wks = {
  readonly address: Ipv4Address;
  readonly protocol: number;
  readonly ports: readonly number[];
};

const protocols = new Mnemonics({ ICMP: 1, TCP: 6, UDP: 17 }, '', 0xff);

/** The services that RFC 1010 named and old zones write; all others have numbers. */
const services = new Mnemonics(
  {
    ECHO: 7,
    DISCARD: 9,
    SYSTAT: 11,
    DAYTIME: 13,
    NETSTAT: 15,
    QOTD: 17,
    CHARGEN: 19,
    'FTP-DATA': 20,
    FTP: 21,
    SSH: 22,
    TELNET: 23,
    SMTP: 25,
    TIME: 37,
    NAMESERVER: 42,
    WHOIS: 43,
    DOMAIN: 53,
    TFTP: 69,
    GOPHER: 70,
    FINGER: 79,
    HTTP: 80,
    KERBEROS: 88,
    HOSTNAMES: 101,
    POP2: 109,
    POP3: 110,
    SUNRPC: 111,
    AUTH: 113,
    NNTP: 119,
    NTP: 123,
    IMAP2: 143,
    SNMP: 161,
    IRC: 194,
    HTTPS: 443,
  },
  '',
  0xffff,
);

class WksCodec extends NamelessCodec<Wks> {
  decode(reader: Reader): Wks {
    const address = formatIpv4(reader.octets(4, 'address'));
    const protocol = reader.uint8('protocol');
    const at = reader.position;
    const bitmap = reader.rest();
    if (bitmap.length > 65_536 / 8 || bitmap.at(-1) === 0) {
      reader.fail('rdata.bitmap', codes['rdata.bitmap'], at);
    }
    const ports: number[] = [];
    for (let port = 0; port < bitmap.length * 8; port++) {
      if ((bitmap[port >> 3]! & (0x80 >> (port & 7))) !== 0) ports.push(port);
    }
    return { address, protocol, ports };
  }

  encode(value: Wks, writer: Writer): void {
    const address = octetsOfIpv4(value.address);
    if (address === undefined) throw new RangeError(`${value.address} is no IPv4 address`);
    for (const port of value.ports) requireUnsigned(port, 0xffff, 'port');
    writer.octets(address);
    writer.uint8(requireUnsigned(value.protocol, 0xff, 'protocol'));
    writePorts(value.ports, writer);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    if (!scanIpv4(tokens.buffer, tokens.start, tokens.end, writer)) {
      tokens.fail('text.address', codes['text.address']);
    }
    tokens.require('protocol');
    const protocol = protocols.find(tokens.buffer, tokens.start, tokens.end);
    if (protocol < 0) tokens.fail('text.mnemonic', `${codes['text.mnemonic']} (protocol)`);
    writer.uint8(protocol);
    const ports: number[] = [];
    while (tokens.next()) {
      const port = services.find(tokens.buffer, tokens.start, tokens.end);
      if (port < 0) tokens.fail('text.mnemonic', `${codes['text.mnemonic']} (port)`);
      ports.push(port);
    }
    writePorts(ports, writer);
  }

  format(reader: Reader): string {
    const { address, protocol, ports } = this.decode(reader);
    return [address, protocol, ...ports].join(' ');
  }
}

function writePorts(ports: readonly number[], writer: Writer): void {
  const highest = ports.reduce((most, port) => Math.max(most, port), -1);
  const bitmap = new Uint8Array((highest >> 3) + 1);
  for (const port of ports) bitmap[port >> 3]! |= 0x80 >> (port & 7);
  writer.octets(bitmap);
}

export const wks: RecordType<Wks> = wholeRecordType({
  code: 11,
  mnemonic: 'WKS',
  reference: 'RFC 1035 §3.4.2',
  onlyClass: RecordClass.IN,
  codec: new WksCodec(),
});
