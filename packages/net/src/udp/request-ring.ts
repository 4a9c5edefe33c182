/**
 * A bounded ring in shared memory in which a UDP worker leaves the datagrams that are not its business
 * for another thread, with what is needed to answer them. One writer, one reader; what does not fit is
 * dropped and counted, for nobody may make the worker wait.
 */

/** Datagrams that may wait. */
export const ringSlots = 128;
/** Longest datagram that is handed over. */
export const ringMessageOctets = 4096;
const nameOctets = 32; // struct sockaddr_in6, rounded up
const controlOctets = 64;

/** Words before the slots: datagrams written, taken, dropped. */
const writtenWord = 0;
const takenWord = 1;
const droppedWord = 2;
const headOctets = 64;
/** Words of a slot: octets of the message, of the address, of the control data. */
const slotHeadOctets = 16;
const slotOctets = slotHeadOctets + nameOctets + controlOctets + ringMessageOctets;
/** Behind the head of a slot comes the address, then these. */
const controlAt = nameOctets;
const messageAt: number = nameOctets + controlOctets;

const AF_INET6 = 10;

/** A datagram with the way back to who sent it, copied out of the ring; all parts are views of one copy. */
export type HandedDatagram = {
  readonly message: Uint8Array;
  /** struct sockaddr_in or sockaddr_in6. */
  readonly name: Uint8Array;
  /** As recvmsg(2) gave it, ready for sendmsg(2): makes the answer leave from the address that was asked. */
  readonly control: Uint8Array;
};

export class RequestRing {
  static readonly regionOctets: number = headOctets + ringSlots * slotOctets;

  readonly #words: Int32Array;
  readonly #octets: Uint8Array;
  readonly #region: number;
  readonly #word: number;

  /** `region`: octet in `buffer` at which `regionOctets` are free and zero; a multiple of 64. */
  constructor(buffer: SharedArrayBuffer, region: number) {
    this.#words = new Int32Array(buffer);
    this.#octets = new Uint8Array(buffer);
    this.#region = region;
    this.#word = region / 4;
  }

  /** Copies a datagram in, from places in the same memory. False when it was dropped. */
  put(
    message: number,
    length: number,
    name: number,
    nameLength: number,
    control: number,
    controlLength: number,
  ): boolean {
    const words = this.#words;
    const written = words[this.#word + writtenWord]!;
    const waiting = (written - Atomics.load(words, this.#word + takenWord)) | 0;
    if (
      waiting >= ringSlots ||
      length > ringMessageOctets ||
      nameLength > nameOctets ||
      controlLength > controlOctets
    ) {
      words[this.#word + droppedWord] = words[this.#word + droppedWord]! + 1;
      return false;
    }
    const slot = this.#slot(written);
    words[slot / 4] = length;
    words[slot / 4 + 1] = nameLength;
    words[slot / 4 + 2] = controlLength;
    const at = slot + slotHeadOctets;
    this.#octets.copyWithin(at, name, name + nameLength);
    this.#octets.copyWithin(at + controlAt, control, control + controlLength);
    this.#octets.copyWithin(at + messageAt, message, message + length);
    Atomics.store(words, this.#word + writtenWord, (written + 1) | 0);
    Atomics.notify(words, this.#word + writtenWord);
    return true;
  }

  /** The next datagram, or undefined. */
  take(): HandedDatagram | undefined {
    const words = this.#words;
    const taken = words[this.#word + takenWord]!;
    if (Atomics.load(words, this.#word + writtenWord) === taken) return undefined;
    const slot = this.#slot(taken);
    const start = slot + slotHeadOctets;
    // One copy, for each costs an allocation outside V8's own heap.
    const octets = this.#octets.slice(start, start + messageAt + words[slot / 4]!);
    const datagram = {
      message: octets.subarray(messageAt),
      name: octets.subarray(0, words[slot / 4 + 1]!),
      control: octets.subarray(controlAt, controlAt + words[slot / 4 + 2]!),
    };
    Atomics.store(words, this.#word + takenWord, (taken + 1) | 0);
    return datagram;
  }

  /** Datagrams for which there was no room; wraps at 2^32. */
  get dropped(): number {
    return this.#words[this.#word + droppedWord]! >>> 0;
  }

  get isEmpty(): boolean {
    const words = this.#words;
    return Atomics.load(words, this.#word + writtenWord) === words[this.#word + takenWord];
  }

  /** Resolves when there may be something to take. */
  async filled(): Promise<void> {
    const words = this.#words;
    const taken = words[this.#word + takenWord]!;
    const waiting = Atomics.waitAsync(words, this.#word + writtenWord, taken);
    if (waiting.async) await waiting.value;
  }

  /** Waits on the spot, `waitMs` at most, for something to take: for who would be asleep for longer otherwise. */
  waitFilled(waitMs: number): boolean {
    const words = this.#words;
    const taken = words[this.#word + takenWord]!;
    return Atomics.wait(words, this.#word + writtenWord, taken, waitMs) !== 'timed-out';
  }

  /** Makes who waits in `filled` look once more. */
  wake(): void {
    Atomics.notify(this.#words, this.#word + writtenWord);
  }

  #slot(number: number): number {
    return this.#region + headOctets + (number & (ringSlots - 1)) * slotOctets;
  }
}

/** Address and port in a struct sockaddr; the address has 4 or 16 octets. */
export function readSocketName(name: Uint8Array): { address: Uint8Array; port: number } {
  const view = new DataView(name.buffer, name.byteOffset, name.byteLength);
  const six = view.getUint16(0, true) === AF_INET6;
  return { address: six ? name.slice(8, 24) : name.slice(4, 8), port: view.getUint16(2) };
}
