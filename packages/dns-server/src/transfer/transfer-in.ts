/**
 * Takes in one answer to AXFR or IXFR, message by message (RFC 5936 §2.2, RFC 1995 §4). A whole zone
 * goes straight from the octets into a zone beside the one in force; a difference is kept until it is
 * whole. Nothing that is served changes before the answer has ended well and its outcome is applied.
 *
 * Answers to IXFR come in four shapes, told apart by their second record: one SOA alone, the whole zone,
 * a chain of steps, or one step for all of them.
 *
 * Not here: connections, time, and what the outcome means for the zone (see secondary.ts).
 */

import { expire } from '@riad/dns/edns/expire';
import { EdnsOptionCode } from '@riad/dns/iana/edns-options';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { equalNames, formatName, isSubdomain, type Name } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { ArenaFull } from '@riad/octets/arena';
import { DecodeError } from '@riad/octets/decode-error';
import { condense, type ZoneChange } from '../zone-history/zone-change.ts';
import type { Sha1 } from '../zone-image/denial-index.ts';
import { zoneVersion } from '../zone-image/layout.ts';
import { ZoneBuilder } from '../zone-image/zone-builder.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { AnswerScanner } from './answer-scanner.ts';
import type { MessageVerifier } from './transfer-message.ts';

export type TransferInRequest = {
  readonly kind: 'axfr' | 'ixfr';
  readonly zone: Name;
  readonly id: number;
  /** What we have; undefined without a copy, or when the operator wants whatever the primary has. */
  readonly serial: number | undefined;
  readonly transport: 'tcp' | 'udp';
};

export type TransferLimits = {
  readonly maxRecords: number;
  /** Of all messages together. */
  readonly maxOctets: number;
  /** Records of a difference: each is kept as an object until it is applied. */
  readonly maxChangedRecords: number;
};

export const transferLimits: TransferLimits = {
  maxRecords: 20_000_000,
  maxOctets: 2 ** 31,
  maxChangedRecords: 500_000,
};

export type TransferFault = {
  readonly kind: 'fault';
  readonly code: TransferFaultCode;
  /** With `transfer.rcode` what the primary said. */
  readonly rcode: number;
  readonly message: string;
};

export type TransferInOutcome =
  /** The primary’s version is not newer. */
  | {
      readonly kind: 'up-to-date';
      readonly serial: number;
      readonly expireSeconds: number | undefined;
    }
  /** One SOA over UDP, of a newer version: the same again over TCP (RFC 1995 §2). */
  | { readonly kind: 'use-tcp' }
  | {
      readonly kind: 'zone';
      readonly serial: number;
      readonly records: number;
      /** Records outside the zone, which were left out. */
      readonly outside: number;
      readonly expireSeconds: number | undefined;
      /** The zone in the image that nobody sees yet, to be compared with the one in force. */
      readonly built: number;
      /** Makes it the zone in force, in one commit. One of the two must be called, once. */
      publish(): void;
      discard(): void;
    }
  | {
      readonly kind: 'changes';
      /** All steps as one. */
      readonly change: ZoneChange;
      readonly outside: number;
      readonly expireSeconds: number | undefined;
    }
  | TransferFault;

export const codes = {
  'transfer.message': 'a message of a transfer is malformed',
  'transfer.not-this': 'a message does not answer the query for the transfer',
  'transfer.rcode': 'the primary answered the query for a transfer with an error',
  'transfer.signature': 'a message of a transfer is not signed as it has to be',
  'transfer.soa':
    'a transfer does not begin with the SOA of the zone, or has it where it may not stand',
  'transfer.serial': 'a transfer contradicts itself about its serials',
  'transfer.serial-back': 'the primary’s version is older than the one here',
  'transfer.zone': 'the zone that was transferred cannot be served',
  'transfer.class': 'a record of a transfer is of another class than IN',
  'transfer.records': 'a transfer has more records or octets than it may have',
  'transfer.changes': 'a difference has more records than it may have: the whole zone is better',
  'transfer.trailing': 'records follow the end of a transfer',
  'transfer.memory': 'shared memory does not suffice for the zone that was transferred',
  'transfer.cut-short': 'a transfer ended before its last record',
} as const;

export type TransferFaultCode = keyof typeof codes;

const typeSoa = 6;

class Fault extends Error {
  readonly code: TransferFaultCode;
  readonly rcode: number;

  constructor(code: TransferFaultCode, detail: string = '', rcode: number = 0) {
    super(detail === '' ? codes[code] : `${codes[code]}: ${detail}`);
    this.code = code;
    this.rcode = rcode;
  }
}

/** Where in the answer the next record stands. */
type Shape = 'start' | 'second' | 'zone' | 'removals' | 'additions' | 'end';

export class TransferIn {
  readonly #image: ZoneImage;
  readonly #sha1: Sha1;
  readonly #request: TransferInRequest;
  readonly #verifier: MessageVerifier | undefined;
  readonly #limits: TransferLimits;
  readonly #scanner = new AnswerScanner();
  #shape: Shape = 'start';
  #messages = 0;
  #octets = 0;
  #records = 0;
  #outside = 0;
  #expireSeconds: number | undefined;
  /** What the first SOA says the zone will have. */
  #serial = 0;
  #firstSoa: ZoneRecord | undefined;
  #builder: ZoneBuilder | undefined;
  /** The scanner’s number of the owner that was looked at, given to the builder, and kept last. */
  #seenOwner = -1;
  #builtOwner = -1;
  #keptOwner = -1;
  #inZone = false;
  readonly #steps: ZoneChange[] = [];
  #removals: ZoneRecord[] = [];
  #additions: ZoneRecord[] = [];
  #changed = 0;
  #owner: Uint8Array = new Uint8Array(0);
  #outcome: TransferInOutcome | undefined;

  constructor(
    image: ZoneImage,
    request: TransferInRequest,
    sha1: Sha1,
    verifier?: MessageVerifier,
    limits: TransferLimits = transferLimits,
  ) {
    this.#image = image;
    this.#request = request;
    this.#sha1 = sha1;
    this.#verifier = verifier;
    this.#limits = limits;
  }

  /** Records taken in so far, for who wants to know whether it moves on. */
  get records(): number {
    return this.#records;
  }

  /** Whether a whole zone comes, and no difference; undefined while that is not known. */
  get isWhole(): boolean | undefined {
    if (this.#shape === 'start' || this.#shape === 'second') return undefined;
    return this.#steps.length === 0 && this.#removals.length === 0;
  }

  /** Takes the next message as it came. Undefined: the answer goes on. Never throws for what a peer sent. */
  take(octets: Uint8Array): TransferInOutcome | undefined {
    if (this.#outcome !== undefined) return this.#outcome;
    try {
      const outcome = this.#message(octets);
      if (outcome !== undefined) this.#outcome = outcome;
      return outcome;
    } catch (error) {
      if (error instanceof Fault) return this.#fail(error.code, error.message, error.rcode);
      if (error instanceof DecodeError) return this.#fail('transfer.message', error.message);
      if (error instanceof ArenaFull) return this.#fail('transfer.memory', error.message);
      this.#giveUp();
      throw error;
    }
  }

  /** The connection ended, or the transfer is given up: what there is so far is let go. */
  end(): TransferInOutcome {
    return this.#outcome ?? this.#fail('transfer.cut-short', codes['transfer.cut-short']);
  }

  #fail(code: TransferFaultCode, message: string, rcode: number = 0): TransferInOutcome {
    this.#giveUp();
    this.#outcome = { kind: 'fault', code, rcode, message };
    return this.#outcome;
  }

  #giveUp(): void {
    this.#builder?.abandon();
    this.#builder = undefined;
    this.#steps.length = 0;
    this.#removals = [];
    this.#additions = [];
  }

  #message(octets: Uint8Array): TransferInOutcome | undefined {
    this.#octets += octets.length;
    if (this.#octets > this.#limits.maxOctets) throw new Fault('transfer.records');
    let message = octets;
    if (this.#verifier !== undefined) {
      const verified = this.#verifier.verify(octets);
      if (!verified.ok) throw new Fault('transfer.signature', verified.code);
      message = verified.message;
    }
    this.#header(message);
    const scanner = this.#scanner;
    while (scanner.next()) {
      if (this.#shape === 'end') throw new Fault('transfer.trailing');
      if (++this.#records > this.#limits.maxRecords) throw new Fault('transfer.records');
      if (scanner.recordClass !== 1) throw new Fault('transfer.class');
      this.#record();
      if (this.#records === 1 && !this.#isNewer()) return this.#notNewer(message);
    }
    this.#messages++;
    if (this.#messages === 1) this.#readOpt(message);
    if (this.#shape !== 'end') {
      if (this.#request.transport === 'tcp') return undefined;
      if (this.#shape === 'second') return { kind: 'use-tcp' }; // RFC 1995 §2
      throw new Fault('transfer.cut-short');
    }
    if (this.#verifier?.mayEnd() === false)
      throw new Fault('transfer.signature', 'the last message');
    return this.#finish();
  }

  /** Checks header and question; the scanner then stands before the answers. */
  #header(message: Uint8Array): void {
    const { id, zone, kind } = this.#request;
    if (message.length < 12) throw new Fault('transfer.message');
    const word = (at: number): number => (message[at]! << 8) | message[at + 1]!;
    // RFC 5936 §2.2.1: the ID, QR and OPCODE of each message.
    if (word(0) !== id || (message[2]! & 0xf8) !== 0x80) throw new Fault('transfer.not-this');
    const rcode = message[3]! & 15;
    if (rcode !== Rcode.NOERROR) throw new Fault('transfer.rcode', `RCODE ${rcode}`, rcode);
    if ((message[2]! & 2) !== 0) throw new Fault('transfer.message', 'TC is set');
    const questions = word(4);
    let at = 12;
    // RFC 5936 §2.2.2: there has to be a question in the first message, and there may be one behind.
    if (questions > 1 || (questions === 0 && this.#messages === 0)) {
      throw new Fault('transfer.not-this', 'its question');
    }
    const scanner = this.#scanner;
    scanner.begin(message, at, 0);
    if (questions === 1) {
      at = scanner.skipName(at);
      const type = kind === 'axfr' ? RecordTypeCode.AXFR : RecordTypeCode.IXFR;
      const fits =
        at + 4 <= message.length &&
        equalNames(scanner.name, zone) &&
        word(at) === type &&
        word(at + 2) === 1;
      if (!fits) throw new Fault('transfer.not-this', 'its question');
      at += 4;
    }
    const answers = word(6);
    if (answers === 0) throw new Fault('transfer.soa', 'a message has no records');
    scanner.begin(message, at, answers);
  }

  /** EXPIRE in the OPT record of the first message (RFC 7314 §4); what is behind the answers is else of no use. */
  #readOpt(message: Uint8Array): void {
    const scanner = this.#scanner;
    const word = (at: number): number => (message[at]! << 8) | message[at + 1]!;
    let { at } = scanner;
    for (let left = word(8) + word(10); left > 0; left--) {
      const fixed = scanner.skipName(at);
      if (fixed + 10 > message.length) throw new Fault('transfer.message');
      const end = fixed + 10 + word(fixed + 8);
      if (end > message.length) throw new Fault('transfer.message');
      if (word(fixed) === RecordTypeCode.OPT) {
        for (let option = fixed + 10; option + 4 <= end; option += 4 + word(option + 2)) {
          const stop = option + 4 + word(option + 2);
          if (word(option) !== EdnsOptionCode.EXPIRE || stop > end) continue;
          this.#expireSeconds = expire.decode(message.subarray(option + 4, stop)).seconds;
        }
      }
      at = end;
    }
  }

  #record(): void {
    const scanner = this.#scanner;
    if (scanner.ownerNumber !== this.#seenOwner) {
      this.#seenOwner = scanner.ownerNumber;
      this.#inZone = isSubdomain(scanner.owner, this.#request.zone, scanner.ownerLength);
    }
    if (scanner.type === typeSoa) this.#soa();
    else if (this.#shape === 'start') throw new Fault('transfer.soa');
    else {
      if (this.#shape === 'second') this.#beginZone();
      if (!this.#inZone) this.#outside++;
      else if (this.#shape === 'zone') this.#build();
      else this.#change();
    }
  }

  #soa(): void {
    const { zone, kind, serial: ours } = this.#request;
    const record = this.#keep();
    if (!equalNames(record.owner, zone)) throw new Fault('transfer.soa', 'a SOA of another name');
    const serial = serialOfSoa(record.rdata);
    switch (this.#shape) {
      case 'start':
        this.#serial = serial;
        this.#firstSoa = record;
        this.#shape = 'second';
        return;
      case 'second':
        if (kind === 'ixfr' && serial === ours) {
          this.#removals = [record];
          this.#shape = 'removals';
          return;
        }
        this.#beginZone();
        this.#endZone(serial);
        return;
      case 'zone':
        this.#endZone(serial);
        return;
      case 'removals':
        this.#additions = [record];
        this.#shape = 'additions';
        return;
      default:
        this.#endStep(serial, record);
    }
  }

  #change(): void {
    if (++this.#changed > this.#limits.maxChangedRecords) throw new Fault('transfer.changes');
    (this.#shape === 'removals' ? this.#removals : this.#additions).push(this.#keep());
  }

  /** The present record as an object of its own. */
  #keep(): ZoneRecord {
    const { ownerNumber, owner, ownerLength, type, ttlSeconds, rdata, rdataStart, rdataEnd } =
      this.#scanner;
    if (ownerNumber !== this.#keptOwner) this.#owner = owner.slice(0, ownerLength);
    this.#keptOwner = ownerNumber;
    return { owner: this.#owner, type, ttlSeconds, rdata: rdata.slice(rdataStart, rdataEnd) };
  }

  #beginZone(): void {
    this.#shape = 'zone';
    const { zone } = this.#request;
    const present = this.#image.zoneOf(zone);
    const names = present === 0 ? 1024 : this.#image.writer.words[present * 2 + zoneVersion.nodes]!;
    this.#builder = new ZoneBuilder(this.#image, zone, names, this.#sha1);
    const { owner, type, ttlSeconds, rdata } = this.#firstSoa!;
    this.#builder.record(
      owner,
      owner.length,
      false,
      type,
      1,
      ttlSeconds,
      rdata,
      0,
      rdata.length,
      0,
    );
  }

  #build(): void {
    const s = this.#scanner;
    this.#builder!.record(
      s.owner,
      s.ownerLength,
      s.ownerNumber === this.#builtOwner,
      s.type,
      1,
      s.ttlSeconds,
      s.rdata,
      s.rdataStart,
      s.rdataEnd,
      0,
    );
    this.#builtOwner = s.ownerNumber;
    if (this.#builder!.faults.length > 0) this.#refuseZone();
  }

  /** The zone is not taken at the first fault: the one in force stays. */
  #refuseZone(): never {
    const { name, message } = this.#builder!.faults[0]!;
    throw new Fault('transfer.zone', `${formatName(name)} ${message}`);
  }

  #endZone(serial: number): void {
    // RFC 5936 §2.2: the last SOA is the first once more.
    if (serial !== this.#serial) throw new Fault('transfer.serial');
    this.#shape = 'end';
  }

  /** A SOA behind the additions of a step: the end, or the beginning of the next step. */
  #endStep(serial: number, record: ZoneRecord): void {
    const [from] = this.#removals;
    const [to] = this.#additions;
    const fromSerial = serialOfSoa(from!.rdata);
    const toSerial = serialOfSoa(to!.rdata);
    // Each step leads on, and none beyond the end (RFC 1982 §3.2).
    const leadsOn = ((toSerial - fromSerial) | 0) > 0 && ((this.#serial - toSerial) | 0) >= 0;
    if (serial !== toSerial || !leadsOn) throw new Fault('transfer.serial');
    this.#steps.push({
      fromSerial,
      toSerial,
      removals: this.#removals,
      additions: this.#additions,
    });
    if (toSerial === this.#serial) {
      this.#shape = 'end';
      return;
    }
    this.#removals = [record];
    this.#additions = [];
    this.#shape = 'removals';
  }

  #isNewer(): boolean {
    const { serial: ours } = this.#request;
    return ours === undefined || isNewer(this.#serial, ours);
  }

  /** The first SOA says that the rest, if there is one, is nothing to us. */
  #notNewer(message: Uint8Array): TransferInOutcome {
    if (this.#serial !== this.#request.serial) throw new Fault('transfer.serial-back');
    while (this.#scanner.next());
    this.#readOpt(message);
    return { kind: 'up-to-date', serial: this.#serial, expireSeconds: this.#expireSeconds };
  }

  #finish(): TransferInOutcome {
    const { zone } = this.#request;
    const image = this.#image;
    const expireSeconds = this.#expireSeconds;
    const outside = this.#outside;
    const builder = this.#builder;
    if (builder === undefined) {
      return { kind: 'changes', change: condense(this.#steps), outside, expireSeconds };
    }
    const built = builder.finish(image.nextVersion, 0);
    if (built === 0) this.#refuseZone();
    this.#builder = undefined;
    const { words } = image.writer;
    const put = (): void => {
      // Other zones may have been committed since.
      image.writer.put(built * 2 + zoneVersion.version, image.nextVersion);
      image.publish(zone, built, true);
    };
    return {
      kind: 'zone',
      serial: this.#serial,
      records: words[built * 2 + zoneVersion.records]!,
      outside,
      expireSeconds,
      built,
      publish: put,
      discard: () => image.discard(built),
    };
  }
}

/** RFC 1982 §3.2; serials as far apart as can be have no order, so neither is newer. */
function isNewer(serial: number, than: number): boolean {
  return ((serial - than) | 0) > 0;
}
