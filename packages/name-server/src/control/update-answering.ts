/**
 * Takes dynamic updates (RFC 2136): which zone one is for, whether its key may, whether it has come
 * before. What it does is judged by the loader, which owns the zones.
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
import type { ServedChange, UpdateResult } from '../loading/loader-messages.ts';
import type { UpdateJob } from '../loading/zone-updates.ts';
import type { Request } from '../request-handling.ts';
import type { AccessControl } from './access-control.ts';
import type { ServedZones } from './served-zones.ts';

/** Updates that wait for the loader, which may be reading a large zone. */
export const maxWaitingUpdates = 1024;

export type UpdateAnsweringParts = {
  readonly zones: ServedZones;
  readonly access: AccessControl;
  readonly update: (job: UpdateJob) => Promise<UpdateResult>;
  /** Commands that wait for the loader. */
  readonly waiting: () => number;
  /** Why a zone takes no updates just now, if it does not. */
  readonly frozenBecause: (zone: string) => string | undefined;
  readonly log: Log;
};

type Refusal = {
  readonly rcode: number;
  readonly sentence?: string;
  readonly extendedError?: number;
};

type Found = { readonly apexName: Name; readonly name: string; readonly byNames: boolean };

export class UpdateAnswering {
  readonly #parts: UpdateAnsweringParts;
  /** What was acted upon before a restart is in the journal, so that nothing need be refused for its age. */
  readonly #replays = new ReplayMemory(0 as UnixSeconds);
  readonly #rates = new ChangeRate();
  readonly counts = new Map<number, number>();

  constructor(parts: UpdateAnsweringParts) {
    this.#parts = parts;
  }

  /** Remembers signed requests that the journal says were acted upon. */
  remember(changes: readonly ServedChange[], now: UnixSeconds): void {
    for (const { request, author } of changes) {
      if (request === undefined || request.timeSigned + request.fudgeSeconds < now) continue;
      const key = this.#parts.access.ring
        .find(parseName(author.key))
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

  async update(request: Request): Promise<void> {
    const { log } = this.#parts;
    const { from, signed } = request;
    const answer = (refusal: Refusal): void => {
      this.#count(refusal.rcode);
      request.reply(request.error({ ...refusal }));
    };
    const zone = this.#zoneOf(request);
    if ('rcode' in zone) return answer(zone);
    const denied = this.#denied(request, zone.apexName);
    if (denied !== undefined) return answer(denied);
    if (signed !== undefined) {
      const admission = this.#replays.admit(signed, request.now);
      if (admission.kind === 'copy') {
        // Its answer may have been lost on the way; while it is under way, it will come.
        if (admission.rcode !== undefined) answer({ rcode: admission.rcode });
        return;
      }
      if (admission.kind === 'too-old') {
        const sentence = 'its time is not after that of requests that are forgotten already';
        return answer({ rcode: Rcode.REFUSED, sentence });
      }
    }
    const author = {
      key: signed === undefined ? '' : formatName(signed.key.name),
      address: from.address,
      timeSeconds: request.now,
    };
    const performed = this.#parts.update({
      zone: zone.name,
      byNames: zone.byNames,
      message: request.octets,
      author,
      request: signed && {
        mac: signed.mac,
        timeSigned: signed.timeSigned,
        fudgeSeconds: signed.fudgeSeconds,
      },
    });
    // Nearly all succeed; that is signed while the loader, which has it by then, waits for the disk.
    const prepared = new Promise((resolve) => setImmediate(resolve)).then(() =>
      request.prepare(request.error({ rcode: Rcode.NOERROR })),
    );
    const [result, success] = await Promise.all([performed, prepared]);
    if (signed !== undefined) this.#replays.settle(signed, result.rcode);
    const { rcode, serial, sentence, extendedError } = result;
    const fields = { zone: zone.name, ...author, rcode, serial, reason: sentence };
    if (rcode === Rcode.NOERROR) {
      this.#count(rcode);
      success.send();
      if (serial !== undefined) log.info('zone updated', fields);
      return;
    }
    log.info('update refused', fields);
    answer({
      rcode,
      ...(sentence === undefined ? {} : { sentence }),
      ...(extendedError === undefined ? {} : { extendedError }),
    });
  }

  #count(rcode: number): void {
    this.counts.set(rcode, (this.counts.get(rcode) ?? 0) + 1);
  }

  /** The hosted zone that the message is for, or what to answer (RFC 2136 §3.1). */
  #zoneOf({ message, signed }: Request): Found | Refusal {
    const { questions, answers, authorities } = message;
    const [section] = questions;
    if (section === undefined || questions.length > 1 || section.type !== RecordTypeCode.SOA)
      return { rcode: Rcode.FORMERR };
    if (section.class !== RecordClass.IN) return { rcode: Rcode.NOTAUTH };
    const { zones } = this.#parts;
    const exact = zones.find(section.name);
    if (exact !== undefined)
      return { apexName: exact.apexName, name: exact.news.zone.name, byNames: false };
    // ocaml-dns and what is built on it name the zone of the key, which may lie above what is hosted.
    const reading = signed === undefined ? undefined : readKeyName(signed.key.name);
    if (reading?.grants !== true || !equalNames(reading.grant.zone, section.name))
      return { rcode: Rcode.NOTAUTH, sentence: 'the zone is not served here' };
    const found = new Set<ReturnType<ServedZones['find']>>();
    for (const { owner } of [...answers, ...authorities]) {
      if (!isSubdomain(owner, section.name)) return { rcode: Rcode.NOTZONE };
      found.add(zones.zoneOf(owner));
    }
    const [only] = found;
    if (found.size > 1) return { rcode: Rcode.NOTZONE, sentence: 'one message changes one zone' }; // RFC 2136 §3.1.2
    if (only === undefined)
      return { rcode: Rcode.NOTAUTH, sentence: 'the zone is not served here' };
    return { apexName: only.apexName, name: only.news.zone.name, byNames: true };
  }

  /** Whether the sender may not, the zone is not to be changed, or there is too much to do. */
  #denied(request: Request, zone: Name): Refusal | undefined {
    const { access, log, frozenBecause, waiting } = this.#parts;
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
    if (waiting() < maxWaitingUpdates) return undefined;
    const busy = 'too many updates wait; try again';
    return { rcode: Rcode.SERVFAIL, extendedError: ExtendedError.NotReady, sentence: busy };
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
