/** Commands about the updates of one zone: so that its file can be edited while nothing else changes it. */
import { type Command, CommandError } from '@riad/runtime/service';
import type { WriteBack } from './write-back/write-back.ts';
import { type ZoneSupply, zoneOf } from './zone-supply.ts';

export function zoneControl(
  supply: ZoneSupply,
  writeBack: WriteBack | undefined,
): Readonly<Record<'zone-freeze' | 'zone-thaw', Command>> {
  const known = (input: unknown): string => {
    const zone = zoneOf(input);
    if (!supply.status().some((status) => status.zone === zone))
      throw new CommandError(`${zone}: no such zone is known here`);
    return zone;
  };
  return {
    /** Refuses updates from now on, and brings the file up to date. */
    'zone-freeze': async (input) => {
      const zone = known(input);
      await supply.freeze(zone);
      await writeBack?.flush(zone);
      const complaint = writeBack?.complaintOf(zone);
      if (complaint !== undefined)
        throw new CommandError(`${zone} is frozen, but its file is behind: ${complaint}`);
      return { frozen: zone };
    },
    'zone-thaw': async (input) => {
      const zone = known(input);
      if (!(await supply.thaw(zone))) throw new CommandError(`${zone}: it was not frozen`);
      return { thawed: zone };
    },
  };
}
