/** What the main thread has to say of updates, which another thread takes. */
import { ExtendedError } from '@riad/dns/iana/extended-errors';
import { Rcode } from '@riad/dns/iana/rcodes';
import { serialsOfChange } from '@riad/dns-server/zone-history/zone-change';
import type { ServedChange } from '@riad/name-server/loading/loader-messages';
import type { Request } from '@riad/name-server/request-opening';
import type { Log } from '@riad/runtime/logging/log';

/** Answers an update that cannot be passed on: too many wait already. */
export function refuseBusily(request: Request): void {
  const sentence = 'too many updates wait; try again';
  const extendedError = ExtendedError.NotReady;
  request.reply(request.error({ rcode: Rcode.SERVFAIL, extendedError, sentence }));
}

/** Logs the updates among changes that are served. */
export function tellUpdates(changes: readonly ServedChange[], log: Log): void {
  for (const { kind, zone, author, change } of changes)
    if (kind === 'update' && change !== undefined)
      log.info('zone updated', { zone, ...author, serial: serialsOfChange(change).toSerial });
}
