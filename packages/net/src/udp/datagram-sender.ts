/**
 * Sends single datagrams on a socket whose worker thread receives on it: sendmsg(2), which does not
 * wait. For answers that are rare; see `batch.ts` for the others, and for the struct layouts.
 */
import { libc } from '../ffi/libc.ts';
import type { HandedDatagram } from './request-ring.ts';

const headerOctets = 56; // struct msghdr
const vectorOctets = 16; // struct iovec
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

type Sendmsg = (fd: number, header: Uint8Array, flags: number) => number;

export class DatagramSender {
  readonly #fd: number;
  readonly #header = new Uint8Array(headerOctets);
  readonly #vector = new Uint8Array(vectorOctets);
  readonly #address: (buffer: Uint8Array) => bigint;
  readonly #sendmsg: Sendmsg;

  constructor(fd: number) {
    const { koffi, func } = libc();
    this.#fd = fd;
    this.#address = (buffer) => koffi.address(buffer) as bigint;
    this.#sendmsg = func('intptr_t sendmsg(int, const void *, int)') as Sendmsg;
  }

  /** Sends to who sent `to`, from the address he asked. False when the system did not take it. */
  send(message: Uint8Array, to: Pick<HandedDatagram, 'name' | 'control'>): boolean {
    const header = new DataView(this.#header.buffer);
    const vector = new DataView(this.#vector.buffer);
    vector.setBigUint64(0, this.#address(message), true);
    vector.setBigUint64(8, BigInt(message.length), true);
    header.setBigUint64(0, this.#address(to.name), true);
    header.setUint32(8, to.name.length, true);
    header.setBigUint64(16, this.#address(this.#vector), true);
    header.setBigUint64(24, 1n, true);
    const { control } = to;
    header.setBigUint64(32, control.length > 0 ? this.#address(control) : 0n, true);
    header.setBigUint64(40, BigInt(control.length), true);
    return this.#sendmsg(this.#fd, this.#header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
  }
}
