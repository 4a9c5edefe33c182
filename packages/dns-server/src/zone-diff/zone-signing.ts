/** How a version of a zone is signed (RFC 4034, RFC 5155): by which keys, from when until when, and how it denies. */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import type { Name } from '@riad/dns/name';
import { nsec3param } from '@riad/dns/rdata/nsec3param';
import { rrsig } from '@riad/dns/rdata/rrsig';
import type { UnixSeconds } from '@riad/octets/engine';
import { Reader } from '@riad/octets/reader';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { forEachRecord } from '../zone-image/zone-records.ts';

const { RRSIG, NSEC, NSEC3PARAM } = RecordTypeCode;

/** Secondaries, resolvers and people have so long to notice that a signer has stopped. */
export const expiresSoonSeconds: number = 3 * 86_400;

export type SignedSet = { readonly owner: Name; readonly covered: number; readonly time: number };

export type ZoneSigning = {
  readonly signatures: number;
  /** The newest inception and the next expiration. */
  readonly inception: number;
  readonly expiration: number;
  /** `12345/13`: key tag and algorithm, in order. */
  readonly keys: readonly string[];
  /** `NSEC`, or the parameters of NSEC3; more than one while a signer changes over. */
  readonly denials: readonly string[];
  readonly expired: Judged;
  readonly expiringSoon: Judged;
  readonly notYetValid: Judged;
};

/** How many signatures, and the one that is first in time. */
export type Judged = { readonly count: number; readonly first: SignedSet | undefined };

/** Undefined if nothing in it is signed. */
export function zoneSigning(
  image: ZoneImage,
  apexName: Name,
  now: UnixSeconds,
): ZoneSigning | undefined {
  const zone = image.zoneOf(apexName);
  if (zone === 0) return undefined;
  const keys = new Set<string>();
  const denials = new Set<string>();
  const [expired, expiringSoon, notYetValid] = [new Earliest(), new Earliest(), new Earliest()];
  let signatures = 0;
  let inception: number | undefined;
  let expiration: number | undefined;
  forEachRecord(image, zone, ({ owner, type, rdata }) => {
    if (type === NSEC) denials.add('NSEC');
    if (type === NSEC3PARAM) denials.add(`NSEC3 ${nsec3param.format(rdata)}`);
    if (type !== RRSIG) return;
    const signature = rrsig.decode(new Reader(rdata));
    signatures++;
    keys.add(`${signature.keyTag}/${signature.algorithm}`);
    if (inception === undefined || isLater(signature.inception, inception)) {
      inception = signature.inception;
    }
    if (expiration === undefined || isLater(expiration, signature.expiration)) {
      expiration = signature.expiration;
    }
    const { covered } = signature;
    const left = (signature.expiration - now) | 0;
    if (left < 0) expired.note({ owner, covered, time: signature.expiration });
    else if (left < expiresSoonSeconds) {
      expiringSoon.note({ owner, covered, time: signature.expiration });
    }
    if (isLater(signature.inception, now)) {
      notYetValid.note({ owner, covered, time: signature.inception });
    }
  });
  if (inception === undefined || expiration === undefined) return undefined;
  return {
    signatures,
    inception,
    expiration,
    keys: [...keys].sort(),
    denials: [...denials].sort(),
    expired,
    expiringSoon,
    notYetValid,
  };
}

/** RFC 4034 §3.1.5: in serial arithmetic, good until 2106 and beyond. */
export function isLater(one: number, other: number): boolean {
  return ((one - other) | 0) > 0;
}

class Earliest implements Judged {
  count = 0;
  first: SignedSet | undefined;

  note(found: SignedSet): void {
    this.count++;
    if (this.first === undefined || isLater(this.first.time, found.time)) this.first = found;
  }
}
