/** A NOTIFY to a primary says that its source has changed: whoever may is answered, then the source is looked at. */
import { Rcode } from '@riad/dns/iana/rcodes';
import { notifyAnswer, readNotify } from '@riad/dns-server/notify/notify-message';
import type { AccessControl } from '@riad/name-server/control/access-control';
import type { ServedZones } from '@riad/name-server/control/served-zones';
import type { Request } from '@riad/name-server/request-opening';

export function takeNotify(
  request: Request,
  zones: ServedZones,
  access: AccessControl,
  look: () => void,
): void {
  const { message } = request;
  const notify = readNotify(message);
  if (notify === undefined || 'rcode' in notify) {
    request.reply(notifyAnswer(message, notify?.rcode ?? Rcode.FORMERR));
    return;
  }
  // RFC 1996 §3.10: from strangers it is logged and not acted upon. A key for the root may speak of any zone.
  if (access.refusal('notify', notify.zone, request) !== undefined) {
    const hosted = zones.find(notify.zone) !== undefined;
    request.reply(notifyAnswer(message, hosted ? Rcode.REFUSED : Rcode.NOTAUTH));
    return;
  }
  request.reply(notifyAnswer(message));
  look();
}
