/**
 * Datagrams in batches: one recvmmsg(2) and one sendmmsg(2) for up to 64 queries and their answers.
 * All buffers lie in a region of shared memory that the caller gives, so that nothing is copied or
 * allocated per datagram. Struct layouts are those of 64-bit little-endian Linux (x86-64, arm64).
 */
import { libc, systemCallError } from '../ffi/libc.ts';
import type { RequestRing } from './request-ring.ts';

/** Datagrams per system call: enough to share its cost, few enough to stay in the cache. */
export const batchSize = 64;
/** Longest query that is read whole; longer ones are cut by the kernel and dropped here. */
export const receiveOctets = 4096;
/** Longest answer over UDP, whatever a client advertises. */
export const sendOctets = 4096;

const headerOctets = 64; // struct mmsghdr
const vectorOctets = 16; // struct iovec
const nameOctets = 32; // struct sockaddr_in6, rounded up
const controlOctets = 64; // one cmsghdr with struct in6_pktinfo, rounded up

const MSG_WAITFORONE = 0x10000;
const MSG_TRUNC = 0x20;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const IPPROTO_IP = 0;
const IP_PKTINFO = 8;
const IPPROTO_IPV6 = 41;
const IPV6_RECVPKTINFO = 49;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const AF_INET6 = 10;
const EINTR = 4;
const EAGAIN = 11;

type Calls = {
  recvmmsg: (fd: number, headers: number, count: number, flags: number, timeout: number) => number;
  sendmmsg: (fd: number, headers: number, count: number, flags: number) => number;
  sendto: (
    fd: number,
    octets: number,
    length: number,
    flags: number,
    name: number,
    nameLength: number,
  ) => number;
  errno: () => number;
};

export class UdpBatch {
  /** Octets of shared memory that a batch needs. */
  static readonly regionOctets: number =
    batchSize *
    (2 * (headerOctets + vectorOctets) + nameOctets + controlOctets + receiveOctets + sendOctets);

  readonly #fd: number;
  readonly #view: DataView;
  readonly #octets: Uint8Array;
  readonly #packetInfo: boolean;
  readonly #receiveHeaders: number;
  readonly #sendHeaders: number;
  readonly #sendVectors: number;
  readonly #names: number;
  readonly #controls: number;
  readonly #receive: number;
  readonly #send: number;
  readonly #receiveAddress: number;
  readonly #sendAddress: number;
  readonly #firstAnswerAddress: number;
  readonly #firstNameAddress: number;
  readonly #calls: Calls;
  #received = batchSize;
  #queued = 0;

  /**
   * `fd`: a bound UDP socket. `region`: octet in `buffer` at which `regionOctets` are free. With
   * `packetInfo` (sockets bound to all addresses) answers leave from the address that was asked.
   * A receive returns after `wakeMs` even if nothing came.
   */
  constructor(
    fd: number,
    buffer: SharedArrayBuffer,
    region: number,
    packetInfo: boolean,
    wakeMs: number,
  ) {
    const { koffi, func } = libc();
    this.#fd = fd;
    this.#view = new DataView(buffer);
    this.#octets = new Uint8Array(buffer);
    this.#packetInfo = packetInfo;
    this.#calls = {
      recvmmsg: func('int recvmmsg(int, uintptr_t, uint32_t, int, uintptr_t)') as Calls['recvmmsg'],
      sendmmsg: func('int sendmmsg(int, uintptr_t, uint32_t, int)') as Calls['sendmmsg'],
      sendto: func(
        'int sendto(int, uintptr_t, uint32_t, int, uintptr_t, uint32_t)',
      ) as Calls['sendto'],
      errno: () => koffi.errno(),
    };
    let at = region;
    const take = (octets: number): number => {
      const place = at;
      at += octets * batchSize;
      return place;
    };
    this.#receiveHeaders = take(headerOctets);
    this.#sendHeaders = take(headerOctets);
    const receiveVectors = take(vectorOctets);
    this.#sendVectors = take(vectorOctets);
    this.#names = take(nameOctets);
    this.#controls = take(controlOctets);
    this.#receive = take(receiveOctets);
    this.#send = take(sendOctets);
    const base = koffi.address(this.#octets) as bigint;
    const pointer = (place: number, target: number): void =>
      this.#view.setBigUint64(place, base + BigInt(target), true);
    this.#octets.fill(0, region, at);
    for (let i = 0; i < batchSize; i++) {
      for (const [headers, vectors, data, size] of [
        [this.#receiveHeaders, receiveVectors, this.#receive, receiveOctets],
        [this.#sendHeaders, this.#sendVectors, this.#send, sendOctets],
      ] as const) {
        const header = headers + i * headerOctets;
        pointer(header, this.#names + i * nameOctets);
        pointer(header + 16, vectors + i * vectorOctets);
        this.#view.setUint32(header + 24, 1, true);
        if (packetInfo) pointer(header + 32, this.#controls + i * controlOctets);
        pointer(vectors + i * vectorOctets, data + i * size);
        this.#view.setUint32(vectors + i * vectorOctets + 8, size, true);
      }
    }
    // Numbers cost less to hand over than bigints, and user addresses have 48 bits.
    this.#receiveAddress = Number(base) + this.#receiveHeaders;
    this.#sendAddress = Number(base) + this.#sendHeaders;
    this.#firstAnswerAddress = Number(base) + this.#send;
    this.#firstNameAddress = Number(base) + this.#names;
    this.#configure(func, wakeMs);
  }

  #configure(func: (prototype: string) => (...args: unknown[]) => unknown, wakeMs: number): void {
    const setsockopt = func('int setsockopt(int, int, int, const void *, uint32_t)');
    const fcntl = func('int fcntl(int, int, long)');
    const flags = fcntl(this.#fd, F_GETFL, 0) as number;
    if (flags < 0 || (fcntl(this.#fd, F_SETFL, flags & ~O_NONBLOCK) as number) < 0)
      throw systemCallError('fcntl');
    const timeout = new BigInt64Array([
      BigInt(Math.floor(wakeMs / 1000)),
      BigInt((wakeMs % 1000) * 1000),
    ]);
    if (setsockopt(this.#fd, SOL_SOCKET, SO_RCVTIMEO, timeout, 16) !== 0)
      throw systemCallError('setsockopt', 'SO_RCVTIMEO');
    if (!this.#packetInfo) return;
    const one = new Int32Array([1]);
    const four = setsockopt(this.#fd, IPPROTO_IP, IP_PKTINFO, one, 4) as number;
    const six = setsockopt(this.#fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, one, 4) as number;
    if (four !== 0 && six !== 0) throw systemCallError('setsockopt', 'IP_PKTINFO');
  }

  /**
   * Waits for datagrams. Returns how many came; 0 when it woke without any, or the socket reported an
   * error of an earlier answer (a client that is gone), which is nobody's concern.
   */
  receive(): number {
    const view = this.#view;
    const headers = this.#receiveHeaders;
    for (let i = 0; i < this.#received; i++) {
      view.setUint32(headers + i * headerOctets + 8, nameOctets, true);
      if (this.#packetInfo) view.setUint32(headers + i * headerOctets + 40, controlOctets, true);
    }
    this.#queued = 0;
    const count = this.#calls.recvmmsg(
      this.#fd,
      this.#receiveAddress,
      batchSize,
      MSG_WAITFORONE,
      0,
    );
    this.#received = Math.max(count, 0);
    return this.#received;
  }

  /** Octets of datagram `i`, 0 when it was cut or cannot be answered (it came from port 0). */
  lengthOf(i: number): number {
    const view = this.#view;
    const header = this.#receiveHeaders + i * headerOctets;
    if ((view.getUint32(header + 48, true) & MSG_TRUNC) !== 0) return 0;
    if (view.getUint16(this.#names + i * nameOctets + 2) === 0) return 0;
    return view.getUint32(header + 56, true);
  }

  /** Octet in the region at which datagram `i` begins. */
  queryAt(i: number): number {
    return this.#receive + i * receiveOctets;
  }

  /** Octet of the client's address of datagram `i`. */
  clientAt(i: number): number {
    const name = this.#names + i * nameOctets;
    return this.#view.getUint16(name, true) === AF_INET6 ? name + 8 : name + 4;
  }

  clientOctets(i: number): number {
    return this.#view.getUint16(this.#names + i * nameOctets, true) === AF_INET6 ? 16 : 4;
  }

  /** Octet at which the next answer is to be written; it may have `sendOctets`. */
  get answerAt(): number {
    return this.#send + this.#queued * sendOctets;
  }

  /** Queues the answer to datagram `i`, which was written at `answerAt`. Datagrams are answered in order. */
  queue(i: number, length: number): void {
    const view = this.#view;
    const k = this.#queued++;
    view.setUint32(this.#sendVectors + k * vectorOctets + 8, length, true);
    const from = this.#receiveHeaders + i * headerOctets;
    const to = this.#sendHeaders + k * headerOctets;
    view.setUint32(to + 8, view.getUint32(from + 8, true), true);
    if (k !== i) {
      // A datagram before was not answered: its place holds the next client's address now.
      this.#octets.copyWithin(
        this.#names + k * nameOctets,
        this.#names + i * nameOctets,
        this.#names + (i + 1) * nameOctets,
      );
    }
    if (this.#packetInfo) this.#queueControl(i, k, from, to);
  }

  /** What told the address that was asked makes the answer leave from it. */
  #queueControl(i: number, k: number, from: number, to: number): void {
    const view = this.#view;
    const control = this.#controls + k * controlOctets;
    if (k !== i) {
      const source = this.#controls + i * controlOctets;
      this.#octets.copyWithin(control, source, source + controlOctets);
    }
    view.setUint32(to + 40, view.getUint32(from + 40, true), true);
    this.#leaveInterfaceToRouting(control);
  }

  #leaveInterfaceToRouting(control: number): void {
    const view = this.#view;
    // struct in_pktinfo: interface, specific destination, header destination. The interface is left
    // to routing, save for link-local IPv6, where the address means nothing without it.
    if (view.getInt32(control + 8, true) === IPPROTO_IP) view.setUint32(control + 16, 0, true);
    else if ((view.getUint16(control + 16) & 0xffc0) !== 0xfe80)
      view.setUint32(control + 32, 0, true);
  }

  /** Leaves datagram `i` for another thread to answer; false when there was no room for it. */
  handOver(i: number, ring: RequestRing): boolean {
    const view = this.#view;
    const header = this.#receiveHeaders + i * headerOctets;
    const control = this.#controls + i * controlOctets;
    if (this.#packetInfo) this.#leaveInterfaceToRouting(control);
    return ring.put(
      this.queryAt(i),
      this.lengthOf(i),
      this.#names + i * nameOctets,
      view.getUint32(header + 8, true),
      control,
      this.#packetInfo ? view.getUint32(header + 40, true) : 0,
    );
  }

  /** A lone answer, as most are while little is asked: the kernel reads no message header for it. */
  #sendOne(): boolean {
    const view = this.#view;
    const length = view.getUint32(this.#sendVectors + 8, true);
    const nameLength = view.getUint32(this.#sendHeaders + 8, true);
    const { sendto } = this.#calls;
    return (
      sendto(this.#fd, this.#firstAnswerAddress, length, 0, this.#firstNameAddress, nameLength) >= 0
    );
  }

  /** Sends what was queued. Returns how many could not be sent; one bad destination harms no other. */
  send(): number {
    const queued = this.#queued;
    if (queued === 1 && !this.#packetInfo && this.#sendOne()) return 0;
    let sent = 0;
    let failed = 0;
    let interrupted = 0;
    while (sent < queued) {
      // Only after a failure does a batch go out in parts; adding would make a number object each time.
      const address = sent === 0 ? this.#sendAddress : this.#sendAddress + sent * headerOctets;
      const count = this.#calls.sendmmsg(this.#fd, address, queued - sent, 0);
      if (count > 0) sent += count;
      else {
        const errno = this.#calls.errno();
        if ((errno === EINTR || errno === EAGAIN) && interrupted++ < batchSize) continue;
        failed++;
        sent++;
      }
    }
    return failed;
  }
}
