/** `riad calendar takeover`, as the service does it: from a file that the command has laid into its state folder. */
import { join } from 'node:path';
import type { Command } from '@riad/runtime/service';
import { CommandError } from '@riad/runtime/service';
import type { TakeoverCommand } from '../commands.ts';
import { nowSeconds } from '../memory/place.ts';
import { householdName, readHousehold } from './household.ts';
import { type TakeoverParts, takeOver } from './take-over.ts';

export function takeoverCommands(
  parts: TakeoverParts & { readonly stateDirectory: string },
): Readonly<Record<TakeoverCommand, Command>> {
  return {
    'calendar-takeover': async (input) => {
      await parts.storage.ready;
      const { file, source, dryRun } = input as Record<string, unknown>;
      if (typeof file !== 'string' || !householdName.test(file))
        throw new CommandError('the name of a household’s file is wanted');
      return takeOver(parts, readHousehold(join(parts.stateDirectory, file)), {
        source: String(source),
        nowSeconds: nowSeconds(),
        dryRun: dryRun === true,
      });
    },
  };
}
