/** Updates are for the primary: a secondary may forward them or refuse (RFC 2136 §6), and this one refuses. */
import { ExtendedError } from '@riad/dns/iana/extended-errors';
import { Rcode } from '@riad/dns/iana/rcodes';
import type { Name } from '@riad/dns/name';
import type { ServedZones } from '@riad/name-server/control/served-zones';
import type { Request } from '@riad/name-server/request-opening';

/** `expects`: whether there is to be a zone that has not come yet. */
export function refuseUpdate(
  request: Request,
  zones: ServedZones,
  expects: (zone: Name) => boolean,
): void {
  const [section] = request.message.questions;
  if (section === undefined) {
    request.reply(request.error({ rcode: Rcode.FORMERR }));
    return;
  }
  const here = zones.find(section.name) !== undefined || expects(section.name);
  const extendedError = ExtendedError.NotSupported;
  const sentence = here
    ? 'this is a secondary: send updates to the primary that the SOA names'
    : 'the zone is not served here';
  const rcode = here ? Rcode.REFUSED : Rcode.NOTAUTH; // RFC 2136 §3.1.2
  request.reply(request.error({ rcode, extendedError, sentence }));
}
