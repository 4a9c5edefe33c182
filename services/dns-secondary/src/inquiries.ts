/**
 * Asks primaries: for the SOA over UDP and, where that brings nothing, over TCP; for transfers over TCP;
 * all of it over TLS where that is configured. Each question has a connection of its own.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Name } from '@riad/dns/name';
import type { Hmac } from '@riad/dns/tsig/hmac';
import { signRequest } from '@riad/dns/tsig/sign';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { verifyResponse } from '@riad/dns/tsig/verify-response';
import {
  outcomeOfTransfer,
  readSoaAnswer,
  soaQuery,
  transferQuery,
} from '@riad/dns-server/secondary/primary-messages';
import { timesOfSoa } from '@riad/dns-server/secondary/refresh-times';
import {
  type CheckOutcome,
  type Primary,
  unreachable,
} from '@riad/dns-server/secondary/secondary-zone';
import type {
  TransferCommand,
  TransferOutcome,
  TransferResult,
} from '@riad/name-server/loading/zone-copies';
import { MessageClient, StreamFailure } from '@riad/net/streams/message-client';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Log } from '@riad/runtime/logging/log';
import type { Reach, Reached } from './reach.ts';
import { textOf } from './zone-name.ts';

/** When a query over UDP leaves again, and when TCP is tried instead. */
const udpAtMs = [0, 1000, 3000] as const;
export const udpMs = 5000;
/** Until the answer to a query for the SOA over a connection. */
export const soaAnswerMs = 8000;
/** Until the next message of a transfer: a primary may be busy before the first. */
export const transferMessageMs = 30_000;

export type InquiriesParts = {
  readonly reach: Reach;
  readonly hmac: Hmac;
  readonly wall: () => UnixSeconds;
  readonly perform: (command: TransferCommand) => Promise<TransferResult>;
  readonly log: Log;
  /** For what happens again and again while a primary is gone. */
  readonly troubles: Log;
};

type Asked = Reached & { readonly zone: Name; readonly signal: AbortSignal };

const failed = (code: string): CheckOutcome => ({ kind: 'failed', code, rcode: 0, signed: false });

export class Inquiries {
  readonly #parts: InquiriesParts;
  #nextTransfer = 1;
  readonly counts = { soa: 0, axfr: 0, ixfr: 0 };

  constructor(parts: InquiriesParts) {
    this.#parts = parts;
  }

  askSoa(zone: Name, primary: Primary, signal: AbortSignal): Promise<CheckOutcome> {
    this.counts.soa++;
    return this.#ask(zone, primary, signal, async (asked) => {
      const outcome = asked.target.tls === undefined ? await this.#soaOverUdp(asked) : 'use-tcp';
      return outcome === 'use-tcp' ? this.#soaOverStream(asked) : outcome;
    });
  }

  transfer(
    zone: Name,
    primary: Primary,
    kind: 'axfr' | 'ixfr',
    serial: number | undefined,
    signal: AbortSignal,
  ): Promise<CheckOutcome> {
    this.counts[kind]++;
    return this.#ask(zone, primary, signal, (asked) => this.#transfer(asked, kind, serial));
  }

  async #ask(
    zone: Name,
    primary: Primary,
    signal: AbortSignal,
    ask: (asked: Asked) => Promise<CheckOutcome>,
  ): Promise<CheckOutcome> {
    const { reach, troubles } = this.#parts;
    const { address, port } = primary.endpoint;
    const lost = (reason: string): CheckOutcome => {
      if (!signal.aborted)
        troubles.warn('primary not reached', { zone: textOf(zone), address, port, reason });
      return failed(unreachable);
    };
    const reached = reach.reach(primary);
    if (typeof reached === 'string') return lost(reached);
    try {
      return await ask({ ...reached, zone, signal });
    } catch (error) {
      if (!(error instanceof StreamFailure)) throw error;
      return lost(error.message);
    }
  }

  async #soaOverUdp({ zone, target, key, signal }: Asked): Promise<CheckOutcome | 'use-tcp'> {
    const { wall, hmac } = this.#parts;
    const { address, port } = target;
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const { promise, resolve } = Promise.withResolvers<CheckOutcome | 'use-tcp'>();
    const stop = (): void => resolve('use-tcp');
    signal.addEventListener('abort', stop, { once: true });
    const copies: ReturnType<Signing>[] = [];
    const id = randomId();
    socket.on('error', stop); // nobody there: the stream will say so
    socket.on('message', (octets) => {
      for (const { open } of copies) {
        const message = open(octets);
        if (message === undefined) continue;
        const outcome = readSoaAnswer(message, zone, id, key !== undefined, wall());
        if (outcome !== undefined) resolve(outcome);
      }
    });
    const timers = [setTimeout(stop, udpMs)];
    const sendCopy = (): void => {
      const copy = signing(soaQuery(zone, id), key, wall, hmac);
      copies.push(copy);
      socket.send(copy.octets, (error) => {
        if (error !== null) stop();
      });
    };
    try {
      // Connected, so that only the primary is heard, and a port where nobody listens is noticed.
      socket.connect(port, address, () => {
        for (const ms of udpAtMs) timers.push(setTimeout(sendCopy, ms));
      });
      return await promise;
    } finally {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      await close(socket);
    }
  }

  async #soaOverStream({ zone, target, key, signal }: Asked): Promise<CheckOutcome> {
    const { wall, hmac } = this.#parts;
    const client = await MessageClient.open(target, signal);
    const stop = (): void => client.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const id = randomId();
      const { octets, open } = signing(soaQuery(zone, id), key, wall, hmac);
      client.send(octets);
      for await (const messages of client.messages(soaAnswerMs)) {
        for (const each of messages) {
          const message = open(each);
          if (message === undefined) return failed('transfer.signature');
          const outcome = readSoaAnswer(message, zone, id, key !== undefined, wall());
          // Over a stream nothing else can come, and nothing can be cut.
          return outcome === undefined || outcome === 'use-tcp'
            ? failed('transfer.not-this')
            : outcome;
        }
      }
      return failed(unreachable);
    } finally {
      signal.removeEventListener('abort', stop);
      client.close();
    }
  }

  async #transfer(
    { zone, target, key, style, signal }: Asked,
    kind: 'axfr' | 'ixfr',
    serial: number | undefined,
  ): Promise<CheckOutcome> {
    const { wall, hmac, perform, troubles } = this.#parts;
    const begun = performance.now();
    const client = await MessageClient.open(target, signal);
    const stop = (): void => client.close();
    signal.addEventListener('abort', stop, { once: true });
    const transfer = this.#nextTransfer++;
    const id = randomId();
    // RFC 1995 §3: what we have is told only where differences are wanted.
    const query = transferQuery(zone, id, kind === 'ixfr' ? serial : undefined);
    const signed = key === undefined ? undefined : signRequest(query, key, wall(), hmac);
    let octets = 0;
    let messages = 0;
    const end = (result: TransferResult): CheckOutcome | undefined => {
      const { outcome, records } = result;
      if (outcome === undefined) return undefined;
      const milliseconds = Math.round(performance.now() - begun);
      const { address } = target;
      const fields = {
        zone: textOf(zone),
        kind,
        from: address,
        messages,
        octets,
        records,
        milliseconds,
      };
      this.#report(fields, outcome);
      const asSoa = 'soa' in outcome ? outcome.soa : undefined;
      if (outcome.kind === 'use-tcp') return failed('transfer.not-this');
      const wallSeconds = 'wallSeconds' in outcome ? outcome.wallSeconds : wall();
      const inForce = asSoa === undefined ? nothing : timesOfSoa(asSoa);
      return outcomeOfTransfer(outcome, inForce, key !== undefined, wallSeconds);
    };
    try {
      const request = { kind, zone, id, serial, transport: 'tcp' } as const;
      const start = {
        transfer,
        request,
        signed: signed && key && { key, mac: signed.mac },
        style,
        from: target.address,
      };
      const refused = end(await perform({ type: 'transfer-begin', ...start }));
      if (refused !== undefined) return refused;
      client.send(signed?.octets ?? query);
      for await (const group of client.messages(transferMessageMs)) {
        if (signal.aborted) break; // behind the order to remove the zone nothing may bring it back
        messages += group.length;
        for (const { length } of group) octets += length;
        const wallSeconds = wall();
        const command = {
          type: 'transfer-messages',
          transfer,
          messages: group,
          wallSeconds,
        } as const;
        const outcome = end(await perform(command));
        if (outcome !== undefined) return outcome;
      }
      if (messages === 0) throw new StreamFailure('closed without an answer');
      return end(await perform({ type: 'transfer-end', transfer })) ?? failed(unreachable);
    } catch (error) {
      const cut = await perform({ type: 'transfer-end', transfer });
      if (!(error instanceof StreamFailure)) throw error;
      if (messages === 0 || signal.aborted) throw error;
      troubles.warn('connection to a primary broke', { zone: textOf(zone), reason: error.message });
      return end(cut) ?? failed(unreachable);
    } finally {
      signal.removeEventListener('abort', stop);
      client.close();
    }
  }

  #report(fields: Record<string, unknown>, outcome: TransferOutcome): void {
    const { log } = this.#parts;
    if (outcome.kind === 'fault') {
      const { code, rcode, message } = outcome;
      this.#parts.troubles.warn('transfer failed', { ...fields, code, rcode, reason: message });
    } else if (outcome.kind === 'zone' || outcome.kind === 'changes') {
      const { serial, records } = outcome.zone;
      const { outside } = outcome;
      log.info('zone transferred in', {
        ...fields,
        shape: outcome.kind,
        serial,
        zoneRecords: records,
        outside,
      });
    }
  }
}

const nothing = { serial: 0, refreshSeconds: 0, retrySeconds: 0, expireSeconds: 0 };

type Signing = typeof signing;

/** A query as it leaves, and what takes the signature off its answer; undefined for one that is not to be believed. */
export function signing(
  query: Uint8Array,
  key: TsigKey | undefined,
  wall: () => UnixSeconds,
  hmac: Hmac,
): {
  readonly octets: Uint8Array;
  readonly open: (answer: Uint8Array) => Uint8Array | undefined;
} {
  if (key === undefined) return { octets: query, open: (answer) => answer };
  const { octets, mac } = signRequest(query, key, wall(), hmac);
  const open = (answer: Uint8Array): Uint8Array | undefined => {
    const verdict = verifyResponse(answer, { key, mac }, wall(), hmac);
    return verdict.kind === 'verified' ? verdict.message : undefined;
  };
  return { octets, open };
}

/** RFC 5452 §9.2: ids that nobody can guess. */
export function randomId(): number {
  const [id] = crypto.getRandomValues(new Uint16Array(1));
  return id!;
}

async function close(socket: Socket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}
