/**
 * Sends single datagrams on a socket whose worker thread receives on it: sendmsg(2), which does not
 * wait. For answers that are rare; see `batch.ts` for the others, and for the struct layouts.
 */
import { libc } from '../ffi/libc.ts';
import type { HandedDatagram } from './request-ring.ts';

const headerOctets = 56; // struct msghdr
const vectorOctets = 16; // struct iovec
const nameOctets = 32; // struct sockaddr_in6, rounded up
const controlOctets = 64;
/** RFC 791 §3.1, less what IP and UDP need. */
const maxPayloadOctets = 65_507;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

const vectorAt = headerOctets;
const nameAt = vectorAt + vectorOctets + 8;
const controlAt = nameAt + nameOctets;
const payloadAt = controlAt + controlOctets;

type Sendmsg = (fd: number, header: number, flags: number) => number;

export class DatagramSender {
  readonly #fd: number;
  /** All that a call needs, so that its addresses are worked out once. */
  readonly #octets = new Uint8Array(payloadAt + maxPayloadOctets);
  readonly #view = new DataView(this.#octets.buffer);
  readonly #address: number;
  readonly #sendmsg: Sendmsg;

  constructor(fd: number) {
    const { koffi, func } = libc();
    this.#fd = fd;
    this.#address = Number(koffi.address(this.#octets));
    this.#sendmsg = func('intptr_t sendmsg(int, uintptr_t, int)') as Sendmsg;
    this.#setPointer(0, this.#address + nameAt); // msg_name
    this.#setPointer(16, this.#address + vectorAt); // msg_iov
    this.#setPointer(24, 1); // msg_iovlen
    this.#setPointer(vectorAt, this.#address + payloadAt); // iov_base
  }

  /** Sends to who sent `to`, from the address he asked. False when the system did not take it. */
  send(message: Uint8Array, to: Pick<HandedDatagram, 'name' | 'control'>): boolean {
    const { name, control } = to;
    if (
      message.length > maxPayloadOctets ||
      name.length > nameOctets ||
      control.length > controlOctets
    )
      return false;
    this.#octets.set(name, nameAt);
    this.#octets.set(control, controlAt);
    this.#octets.set(message, payloadAt);
    this.#view.setUint32(8, name.length, true); // msg_namelen
    this.#setPointer(32, control.length > 0 ? this.#address + controlAt : 0); // msg_control
    this.#view.setUint32(40, control.length, true); // msg_controllen
    this.#view.setUint32(vectorAt + 8, message.length, true); // iov_len
    return this.#sendmsg(this.#fd, this.#address, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
  }

  /** Addresses have at most 48 bits, which a number holds. */
  #setPointer(at: number, value: number): void {
    this.#view.setUint32(at, value % 2 ** 32, true);
    this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }
}
