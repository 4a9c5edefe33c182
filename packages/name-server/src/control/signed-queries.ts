/**
 * Plain queries that came signed, and those that ask for EXPIRE: answered like any other. Some of the
 * signed ones register for NOTIFY.
 */
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { type Name, root } from '@riad/dns/name';
import { permits } from '@riad/dns-server/access/rights';
import type { Request } from '../request-opening.ts';
import type { Requester } from '../requests.ts';
import type { AccessControl } from './access-control.ts';
import { answerWithExpire, asksForExpire } from './expire-answers.ts';
import type { NotifySending } from './notify-sending.ts';
import type { ServedZones } from './served-zones.ts';

export type SignedQueriesParts = {
  readonly zones: ServedZones;
  readonly access: AccessControl;
  /** Undefined where nobody is told of changes. */
  readonly notify: NotifySending | undefined;
  /** `permitted`: by its key, whatever its address. */
  readonly answer: (
    query: Uint8Array,
    from: Requester,
    permitted: boolean,
  ) => Uint8Array | undefined;
  /** Whether there is to be a zone that has not come yet. */
  readonly expects?: (zone: Name) => boolean;
  /** Seconds until a zone expires here; undefined: as its SOA says. */
  readonly expiresIn?: (zone: Name) => number | undefined;
};

export function answerSignedQuery(
  { zones, access, notify, answer, expects, expiresIn }: SignedQueriesParts,
  request: Request,
): void {
  const { message, signed, from, now, octets } = request;
  const [question] = message.questions;
  const name = question?.name;
  const asked = {
    operation: 'query',
    zone: (name && zones.zoneOf(name)?.apexName) ?? name ?? root,
    key: signed?.key,
    address: from.addressOctets,
    port: from.port,
    now,
  } as const;
  const may = permits(asked, access.rules);
  const byKey = may.permitted && may.by === 'key';
  const answered = (): void => {
    const plain = (query: Uint8Array): Uint8Array | undefined => answer(query, from, byKey);
    const found = asksForExpire(message)
      ? answerWithExpire(message, plain, expiresIn)
      : plain(octets);
    if (found !== undefined) request.reply(found);
  };
  if (question?.type === RecordTypeCode.SOA && signed !== undefined) {
    const { name: zone } = question;
    const { key } = signed;
    const permission = permits({ ...asked, operation: 'transfer', zone }, access.rules);
    const registers = permission.permitted && permission.by === 'key' && from.connection;
    const hosted = zones.zoneOf(zone) !== undefined || expects?.(zone) === true;
    // Secondaries that ask for a zone that is not here must not ask for ever (see RFC 5936 §2.2.1).
    if (hosted || !may.permitted) answered();
    else request.reply(request.error({ rcode: Rcode.NOTAUTH }));
    if (registers && (zone.length === 1 || zones.find(zone) !== undefined))
      notify?.register(zone, key.name, registers);
    return;
  }
  answered();
}
