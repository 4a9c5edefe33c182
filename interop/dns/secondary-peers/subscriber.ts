/** A client with one connection over which it asks for SOAs, signed, and is told of zones by signed NOTIFY. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Opcode } from '@riad/dns/iana/opcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { formatName, parseName } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { signRequest, signResponse } from '@riad/dns/tsig/sign';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { verifyRequest } from '@riad/dns/tsig/verify-request';
import { verifyResponse } from '@riad/dns/tsig/verify-response';
import { hmac } from '@riad/net/ciphers/hmac';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Target } from '../../peers/server.ts';
import { Frames, framed } from '../transfer/fetch.ts';

const patienceMs = 20_000;

export type Told = { readonly zone: string; readonly serial: number };

export class Subscriber {
  /** Each NOTIFY, in order. */
  readonly told: Told[] = [];
  closed = false;
  readonly #socket: Socket;
  readonly #key: TsigKey;
  readonly #answers = new Map<number, (octets: Uint8Array) => void>();
  /** Whether NOTIFY is answered. */
  readonly #polite: boolean;
  #nextId = 1;
  #heard: () => void = () => {};
  /** What should never come. */
  readonly faults: string[] = [];

  private constructor(socket: Socket, key: TsigKey, polite: boolean) {
    this.#socket = socket;
    this.#key = key;
    this.#polite = polite;
    const frames = new Frames();
    socket.on('data', (chunk: Buffer) => {
      for (const message of frames.take(chunk)) this.#take(message);
      this.#heard();
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      this.closed = true;
      this.#heard();
    });
  }

  static async open(server: Target, key: TsigKey, polite: boolean = true): Promise<Subscriber> {
    const socket = connect(server.port, server.address);
    await once(socket, 'connect');
    return new Subscriber(socket, key, polite);
  }

  /** Asks for the SOA of a zone; gives the answer, whose signature is good. */
  async askSoa(zone: string): Promise<Message> {
    const id = this.#nextId++;
    const query = encodeMessage({
      ...empty,
      id,
      questions: [{ name: parseName(zone), type: RecordTypeCode.SOA, class: 1 }],
    });
    const { octets, mac } = signRequest(query, this.#key, now(), hmac);
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    this.#answers.set(id, resolve);
    this.#socket.write(framed(octets));
    const timer = setTimeout(() => resolve(new Uint8Array(0)), patienceMs);
    const answer = await promise;
    clearTimeout(timer);
    const verdict = verifyResponse(answer, { key: this.#key, mac }, now(), hmac);
    if (verdict.kind !== 'verified') throw new Error(`${zone} SOA: ${JSON.stringify(verdict)}`);
    return decoded(verdict.message);
  }

  /** Waits until it has been told so many times. */
  async until(count: number): Promise<readonly Told[]> {
    const end = performance.now() + patienceMs;
    while (this.told.length < count) {
      if (this.closed || performance.now() > end)
        throw new Error(`told ${this.told.length} times instead of ${count}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#heard = resolve;
      const timer = setTimeout(resolve, end - performance.now());
      await promise;
      clearTimeout(timer);
    }
    return this.told;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.#socket.end();
    await once(this.#socket, 'close');
  }

  #take(octets: Uint8Array): void {
    const { id, flags, opcode } = decoded(octets);
    if (flags.qr) {
      const resolve = this.#answers.get(id);
      this.#answers.delete(id);
      if (resolve === undefined) this.faults.push(`an answer to nothing: ${octets.toHex()}`);
      resolve?.(octets);
    } else if (opcode === Opcode.NOTIFY) this.#takeNotify(octets);
    else this.faults.push(`neither answer nor NOTIFY: ${octets.toHex()}`);
  }

  #takeNotify(octets: Uint8Array): void {
    const verdict = verifyRequest(octets, () => [this.#key], now(), hmac);
    if (verdict.kind !== 'verified') {
      this.faults.push(`a NOTIFY whose signature is ${verdict.kind}`);
      return;
    }
    const message = decoded(verdict.message);
    const [question] = message.questions;
    const [soa] = message.answers;
    this.told.push({
      zone: formatName(question!.name),
      serial: soa === undefined ? 0 : serialOfSoa(soa.rdata),
    });
    if (!this.#polite) return;
    const flags = { ...noFlags, qr: true, aa: true };
    const answer = encodeMessage({ ...message, flags, answers: [] }); // RFC 1996 §4.7
    const { octets: signed } = signResponse(answer, verdict.request, now(), hmac, 65_535);
    this.#socket.write(framed(signed));
  }
}

const empty = {
  id: 0,
  opcode: Opcode.QUERY,
  rcode: 0,
  flags: noFlags,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};

function now(): UnixSeconds {
  return Math.floor(Date.now() / 1000) as UnixSeconds;
}

function decoded(octets: Uint8Array): Message {
  const result = decodeMessage(octets);
  if (!result.ok) throw result.error;
  return result.value;
}
