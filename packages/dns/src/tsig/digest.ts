/** What the MAC of a TSIG record is computed over (RFC 8945 §4.3, §5.3.1), and comparing MACs. */
import { Writer } from '@riad/octets/writer';
import { RecordClass } from '../iana/classes.ts';
import { headerOctets } from '../message.ts';
import { setUint16, type TsigFields } from './tsig-record.ts';

/** Each message that is signed or verified needs one, and is done with it at once. */
const scratch = new Writer(1024);

/** A MAC of the exchange so far, as it leads the digest of what follows: its length, and itself. */
export function priorMac(mac: Uint8Array): Uint8Array {
  const octets = new Uint8Array(2 + mac.length);
  setUint16(octets, 0, mac.length);
  octets.set(mac, 2);
  return octets;
}

/** A message without its TSIG, under the ID that its signer gave it (RFC 8945 §4.3.2). */
export function messageParts(message: Uint8Array, id: number): readonly Uint8Array[] {
  // `slice` of a Node Buffer is no copy.
  const header = new Uint8Array(message.subarray(0, headerOctets));
  setUint16(header, 0, id);
  return [header, message.subarray(headerOctets)];
}

/** RFC 8945 §4.3.3: the names in lower case and uncompressed. A view, valid until the next call. */
export function tsigVariables(fields: Omit<TsigFields, 'mac' | 'originalId'>): Uint8Array {
  const writer = scratch;
  writer.reset();
  writer.octets(fields.keyName);
  writer.uint16(RecordClass.ANY);
  writer.uint32(0); // TTL
  writer.octets(fields.algorithmName);
  writer.uint48(fields.timeSigned);
  writer.uint16(fields.fudgeSeconds);
  writer.uint16(fields.error);
  writer.uint16(fields.other.length);
  writer.octets(fields.other);
  return writer.view();
}

/** RFC 8945 §5.3.1: all that later messages of a stream add beside themselves. */
export function tsigTimers(fields: Pick<TsigFields, 'timeSigned' | 'fudgeSeconds'>): Uint8Array {
  const writer = new Writer(8);
  writer.uint48(fields.timeSigned);
  writer.uint16(fields.fudgeSeconds);
  return writer.copy();
}

/**
 * Whether a MAC, which may be cut short, begins the computed one. Takes the same time whatever the
 * octets are, so that nobody learns from it how many of them were right.
 */
export function macMatches(received: Uint8Array, computed: Uint8Array): boolean {
  if (received.length === 0 || received.length > computed.length) return false;
  let difference = 0;
  for (let i = 0; i < received.length; i++) difference |= received[i]! ^ computed[i]!;
  return difference === 0;
}
