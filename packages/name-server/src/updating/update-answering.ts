/**
 * Takes dynamic updates (RFC 2136): which zone one is for, whether its key may, whether it has come
 * before; and answers them. What they do is judged by `loading/zone-updates.ts`.
 */
import { RecordClass } from '@riad/dns/iana/classes';
import { ExtendedError } from '@riad/dns/iana/extended-errors';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { equalNames, formatName, isSubdomain, type Name, parseName } from '@riad/dns/name';
import { hmacAlgorithms } from '@riad/dns/tsig/hmac';
import { ReplayMemory } from '@riad/dns/tsig/replay-memory';
import { ChangeRate } from '@riad/dns-server/access/change-rate';
import { readKeyName } from '@riad/dns-server/access/key-name';
import {
  type Change,
  changeRefusal,
  changesPerHour,
  policyReasons,
} from '@riad/dns-server/access/policy';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Log } from '@riad/runtime/logging/log';
import type { AccessControl } from '../control/access-control.ts';
import type { ActedUpon } from '../loading/journal-record-head.ts';
import type { UpdateResult } from '../loading/loader-messages.ts';
import type { UpdateJob } from '../loading/zone-updates.ts';
import type { Request } from '../request-opening.ts';
import type { HostedZone, HostedZones } from './hosted-zones.ts';

export type UpdateAnsweringParts = {
  readonly zones: Pick<HostedZones, 'find' | 'zoneOf'>;
  readonly access: AccessControl;
  /** Why a zone takes no updates just now, if it does not. */
  readonly frozenBecause: (zone: string) => string | undefined;
  /** Hears the RCODE of each answer. */
  readonly answered: (rcode: number) => void;
  readonly log: Log;
};

/** A signed request that was acted upon in an earlier run, and the name of its key. */
export type EarlierUpdate = { readonly key: string; readonly request: ActedUpon };

type Refusal = {
  readonly rcode: number;
  readonly sentence?: string;
  readonly extendedError?: number;
};

export class UpdateAnswering {
  readonly #parts: UpdateAnsweringParts;
  /** What was acted upon before a restart is in the journal, so that nothing need be refused for its age. */
  readonly #replays = new ReplayMemory(0 as UnixSeconds);
  readonly #rates = new ChangeRate();

  constructor(parts: UpdateAnsweringParts) {
    this.#parts = parts;
  }

  /** Remembers signed requests that the journal says were acted upon. */
  remember(earlier: readonly EarlierUpdate[], now: UnixSeconds): void {
    for (const { key: name, request } of earlier) {
      if (request.timeSigned + request.fudgeSeconds < now) continue;
      const key = this.#parts.access.ring
        .find(parseName(name))
        ?.secrets.find(({ algorithm }) => hmacAlgorithms[algorithm].octets >= request.mac.length);
      if (key === undefined) continue;
      const { mac, timeSigned, fudgeSeconds } = request;
      const signed = {
        key,
        mac,
        timeSigned,
        fudgeSeconds,
        originalId: 0,
        withoutOriginalId: false,
      };
      if (this.#replays.admit(signed, now).kind === 'fresh')
        this.#replays.settle(signed, Rcode.NOERROR);
    }
  }

  /** What there is to do, or undefined: then it has been answered, or gets no answer. */
  admit(request: Request): UpdateJob | undefined {
    const { from, signed } = request;
    const zone = this.#zoneOf(request);
    if ('rcode' in zone) return this.#refuse(request, zone);
    const denied = this.#denied(request, zone.apexName);
    if (denied !== undefined) return this.#refuse(request, denied);
    if (signed !== undefined) {
      const admission = this.#replays.admit(signed, request.now);
      if (admission.kind === 'copy') {
        // Its answer may have been lost on the way; while it is under way, it will come.
        if (admission.rcode !== undefined) this.#refuse(request, { rcode: admission.rcode });
        return undefined;
      }
      if (admission.kind === 'too-old') {
        const sentence = 'its time is not after that of requests that are forgotten already';
        return this.#refuse(request, { rcode: Rcode.REFUSED, sentence });
      }
    }
    const author = {
      key: signed === undefined ? '' : formatName(signed.key.name),
      address: from.address,
      timeSeconds: request.now,
    };
    const { message } = request;
    return {
      zone: zone.name,
      apexName: zone.apexName,
      prerequisites: message.answers,
      updates: message.authorities,
      author,
      request: signed && {
        mac: signed.mac,
        timeSigned: signed.timeSigned,
        fudgeSeconds: signed.fudgeSeconds,
      },
    };
  }

  /** The answer to one that will have succeeded, to be sent when it has; undefined for others, and when it fails. */
  sealed(request: Request, { rcode }: UpdateResult): Uint8Array | undefined {
    if (rcode !== Rcode.NOERROR) return undefined;
    try {
      return request.seal(request.error({ rcode }));
    } catch {
      return undefined; // and fails again where it is told
    }
  }

  /** `sealed`: for a result that was expected, what was made for it. */
  answer(
    request: Request,
    { zone, author }: UpdateJob,
    result: UpdateResult,
    sealed: Uint8Array | undefined,
  ): void {
    const { rcode, sentence, extendedError } = result;
    if (request.signed !== undefined) this.#replays.settle(request.signed, rcode);
    if (rcode === Rcode.NOERROR) {
      this.#parts.answered(rcode);
      request.from.send(sealed ?? request.seal(request.error({ rcode })));
      return;
    }
    this.#parts.log.info('update refused', { zone, ...author, rcode, reason: sentence });
    this.#refuse(request, {
      rcode,
      ...(sentence === undefined ? {} : { sentence }),
      ...(extendedError === undefined ? {} : { extendedError }),
    });
  }

  #refuse(request: Request, refusal: Refusal): undefined {
    this.#parts.answered(refusal.rcode);
    request.reply(request.error({ ...refusal }));
  }

  /** The hosted zone that the message is for, or what to answer (RFC 2136 §3.1). */
  #zoneOf({ message, signed }: Request): HostedZone | Refusal {
    const { questions, answers, authorities } = message;
    const [section] = questions;
    if (section === undefined || questions.length > 1 || section.type !== RecordTypeCode.SOA)
      return { rcode: Rcode.FORMERR };
    if (section.class !== RecordClass.IN) return { rcode: Rcode.NOTAUTH };
    const { zones } = this.#parts;
    const exact = zones.find(section.name);
    if (exact !== undefined) return exact;
    // ocaml-dns and what is built on it name the zone of the key, which may lie above what is hosted.
    const reading = signed === undefined ? undefined : readKeyName(signed.key.name);
    if (reading?.grants !== true || !equalNames(reading.grant.zone, section.name))
      return { rcode: Rcode.NOTAUTH, sentence: 'the zone is not served here' };
    const found = new Map<string | undefined, HostedZone | undefined>();
    for (const { owner } of [...answers, ...authorities]) {
      if (!isSubdomain(owner, section.name)) return { rcode: Rcode.NOTZONE };
      const zone = zones.zoneOf(owner);
      found.set(zone?.name, zone);
    }
    const [only] = found.values();
    if (found.size > 1) return { rcode: Rcode.NOTZONE, sentence: 'one message changes one zone' }; // RFC 2136 §3.1.2
    if (only === undefined)
      return { rcode: Rcode.NOTAUTH, sentence: 'the zone is not served here' };
    return only;
  }

  /** Whether the sender may not, or the zone is not to be changed. */
  #denied(request: Request, zone: Name): Refusal | undefined {
    const { access, log, frozenBecause } = this.#parts;
    const { signed, message, from, now } = request;
    const prohibited = { rcode: Rcode.REFUSED, extendedError: ExtendedError.Prohibited };
    // Before the prerequisites, so that strangers cannot probe with them (RFC 2136 §3.3 has it after).
    const sentence = access.refusal('update', zone, request);
    if (sentence !== undefined) return { ...prohibited, sentence };
    const frozen = frozenBecause(formatName(zone).toLowerCase());
    if (frozen !== undefined) return { ...prohibited, sentence: frozen };
    if (signed !== undefined) {
      const { policy } = access.rules;
      const { name } = signed.key;
      for (const record of message.authorities) {
        const reason = changeRefusal(policy, name, changeOf(record));
        if (reason === undefined) continue;
        const fields = { zone: formatName(zone), from: from.address, key: formatName(name) };
        const said = policyReasons[reason];
        log.warn('update refused by the policy', {
          ...fields,
          name: formatName(record.owner),
          reason: said,
        });
        return { ...prohibited, sentence: said };
      }
      const perHour = changesPerHour(policy, name);
      if (!this.#rates.take(name, message.authorities.length, perHour, now))
        return { ...prohibited, sentence: `the policy allows this key ${perHour} changes an hour` };
    }
    return undefined;
  }
}

/** What a record of the update section does (RFC 2136 §2.5). */
function changeOf({ owner, type, class: recordClass, rdata }: ResourceRecord): Change {
  if (recordClass === RecordClass.ANY) {
    return type === RecordTypeCode.ANY
      ? { kind: 'remove-name', owner, present: undefined }
      : { kind: 'remove-rrset', owner, type, present: undefined };
  }
  return { kind: recordClass === RecordClass.NONE ? 'remove' : 'add', owner, type, rdata };
}
