/** A NOTIFY to a secondary: answered first, and looked into then (RFC 1996 §3.7, §4.7). */
import { Rcode } from '@riad/dns/iana/rcodes';
import { formatName, type Name } from '@riad/dns/name';
import { permits } from '@riad/dns-server/access/rights';
import { notifyAnswer, readNotify } from '@riad/dns-server/notify/notify-message';
import type { AccessControl } from '@riad/name-server/control/access-control';
import type { Request } from '@riad/name-server/request-opening';
import type { Endpoint } from '@riad/octets/engine';
import type { Log } from '@riad/runtime/logging/log';
import type { Copies } from './copies.ts';
import type { Reach } from './reach.ts';
import { textOf } from './zone-name.ts';

export type NotifyTakingParts = {
  readonly access: AccessControl;
  readonly copies: Copies;
  readonly reach: Reach;
  readonly log: Log;
};

export function takeNotify(parts: NotifyTakingParts, request: Request): void {
  const { access, copies, log } = parts;
  const { message, from } = request;
  const notify = readNotify(message);
  if (notify === undefined || 'rcode' in notify) {
    request.reply(notifyAnswer(message, notify?.rcode ?? Rcode.FORMERR));
    return;
  }
  const { zone, serial } = notify;
  const kept = copies.stateOf(zone) !== undefined;
  // A zone that is new is transferred next, so that its key has to have that right, too.
  const by = permission(access, request, zone, kept ? 'notify' : 'transfer');
  const key = by === 'key' ? formatName(request.signed!.key.name) : undefined;
  if (kept && by === 'address') {
    request.reply(notifyAnswer(message));
    copies.look(zone, 'refresh');
    return;
  }
  const rcode = copies.notify(zone, kept ? from : bringer(parts, zone, from), key, serial);
  request.reply(notifyAnswer(message, rcode));
  if (rcode === Rcode.NOERROR) return;
  // RFC 1996 §3.10: from strangers it is logged and not acted upon.
  log.warn('NOTIFY refused', {
    zone: textOf(zone),
    from: from.address,
    signed: request.signed !== undefined,
  });
}

function permission(
  access: AccessControl,
  { signed, from, now }: Request,
  zone: Name,
  operation: 'notify' | 'transfer',
): 'key' | 'address' | undefined {
  const { addressOctets: address, port } = from;
  const permitted = permits(
    { operation, zone, key: signed?.key, address, port, now },
    access.rules,
  );
  return permitted.permitted ? permitted.by : undefined;
}

/** Whom to ask for a zone that is new: the primary in the name of a key, else who told of it. */
function bringer({ reach }: NotifyTakingParts, zone: Name, from: Endpoint): Endpoint {
  return reach.ofKeys(zone)[0]?.endpoint ?? from;
}
