/**
 * What the service can be asked over its socket. The code of a command is loaded when it is first given: together it
 * is a good part of the service, and nothing that a start has to wait for.
 */
import type { Command } from '@riad/runtime/service';
import type { MemoryParts } from './memory/memory-commands.ts';
import type { TakeoverParts } from './takeover/take-over.ts';

const memory = [
  'calendar-history',
  'calendar-revert',
  'calendar-export',
  'calendar-import',
  'calendar-seal',
  'calendar-purge',
  'calendar-release',
] as const;
const takeover = ['calendar-takeover'] as const;

export type MemoryCommand = (typeof memory)[number];
export type TakeoverCommand = (typeof takeover)[number];

export function commandsOf(
  parts: MemoryParts & TakeoverParts & { readonly stateDirectory: string },
): Readonly<Record<string, Command>> {
  return {
    ...loadedWhenGiven(memory, async () => (await code.memory()).memoryCommands(parts)),
    ...loadedWhenGiven(takeover, async () => (await code.takeover()).takeoverCommands(parts)),
  };
}

const code = {
  memory: () => import('./memory/memory-commands.ts'),
  takeover: () => import('./takeover/takeover-command.ts'),
} as const;

/** Now, so that none has to wait for it. */
export async function loadCommands(): Promise<void> {
  for (const load of Object.values(code)) await load();
}

function loadedWhenGiven<Name extends string>(
  names: readonly Name[],
  load: () => Promise<Readonly<Record<Name, Command>>>,
): Record<string, Command> {
  return Object.fromEntries(
    names.map((name): [string, Command] => [name, async (input) => (await load())[name](input)]),
  );
}
