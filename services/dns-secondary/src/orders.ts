/** The commands of an operator. */
import type { NotifySending } from '@riad/name-server/control/notify-sending';
import { type Command, CommandError } from '@riad/runtime/service';
import type { Copies } from './copies.ts';
import type { CopyStatus } from './copy-status.ts';
import type { ZoneChoice } from './zone-choice.ts';
import { canonicalText, nameOf } from './zone-name.ts';

export type OrdersParts = {
  readonly status: CopyStatus;
  readonly copies: Copies;
  readonly choice: ZoneChoice;
  readonly notify: NotifySending;
};

export function orders({ status, copies, choice, notify }: OrdersParts): Record<string, Command> {
  const known = (input: unknown): string => {
    const zone = zoneOf(input);
    if (copies.stateOf(nameOf(zone)) === undefined)
      throw new CommandError(`${zone}: no such zone is kept here`);
    return zone;
  };
  return {
    'zone-status': async (input) =>
      (input as { zone?: unknown } | null)?.zone === undefined
        ? { zones: status.all() }
        : status.of(known(input)),
    'zone-refresh': async (input) => {
      const zone = known(input);
      copies.look(nameOf(zone), 'refresh');
      return status.of(zone);
    },
    'zone-retransfer': async (input) => {
      const zone = known(input);
      copies.look(nameOf(zone), 'retransfer');
      return status.of(zone);
    },
    'zone-remove': async (input) => {
      const zone = known(input);
      const wanted = choice.wantedBy(zone);
      if (wanted !== undefined) throw new CommandError(`${zone}: ${wanted}; take it away there`);
      await copies.remove(nameOf(zone));
      return { removed: zone };
    },
    'notify-pending': async () => ({ pending: notify.pendingList() }),
  };
}

function zoneOf(input: unknown): string {
  const zone = (input as { zone?: unknown } | null)?.zone;
  if (typeof zone !== 'string') throw new CommandError('say which zone: {"zone": "example.com"}');
  try {
    return canonicalText(zone);
  } catch (error) {
    throw new CommandError(`${zone}: ${(error as Error).message}`);
  }
}
