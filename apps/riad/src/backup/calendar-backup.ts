/**
 * A calendar service in a backup: its history as a git repository, and what is neither history nor derivable. It goes on
 * meanwhile: what is acknowledged is put into git first, and the rest is copied as SQLite copies.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ServiceConfiguration } from '@riad/runtime/configuration/configuration';
import { askCalendar, type CalendarOption } from '../calendar-service.ts';
import { checkRepository, copyRepository } from './repository-copy.ts';

const storeName = 'store.git';
const stateName = 'state.db';

export async function backUpCalendar(
  { name, stateDirectory }: ServiceConfiguration,
  into: string,
  options: CalendarOption,
): Promise<string> {
  await askCalendar({ ...options, service: name }, 'calendar-seal', {});
  mkdirSync(into, { recursive: true, mode: 0o700 });
  copyRepository(join(stateDirectory, storeName), join(into, storeName));
  const state = join(stateDirectory, stateName);
  if (existsSync(state)) {
    using database = new DatabaseSync(state, { readOnly: true, timeout: 5000 });
    database.prepare('VACUUM INTO ?').run(join(into, stateName));
    chmodSync(join(into, stateName), 0o600);
  }
  return checkRepository(join(into, storeName));
}

export function restoreCalendar({ stateDirectory }: ServiceConfiguration, from: string): void {
  copyRepository(join(from, storeName), join(stateDirectory, storeName));
  if (existsSync(join(from, stateName)))
    copyFileSync(join(from, stateName), join(stateDirectory, stateName));
}
