/** Lets a source move into a running service, as the command does it. */
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningCalendar } from '../../testing/running-calendar.ts';
import { formatItem, type Household } from '../household.ts';
import type { TakeoverReport } from '../take-over.ts';

export async function moveHouse(
  server: RunningCalendar,
  household: Household,
  dryRun: boolean = false,
): Promise<TakeoverReport> {
  const file = `takeover-${randomUUID()}.jsonl`;
  const path = join(server.folder, 'calendar', file);
  let text = '';
  for await (const item of household) text += formatItem(item);
  writeFileSync(path, text);
  try {
    const command = server.service.commands['calendar-takeover']!;
    return (await command({ file, source: 'elsewhere', dryRun })) as TakeoverReport;
  } finally {
    rmSync(path);
  }
}
