/**
 * The service in a process of its own, to be killed: serves the state of a folder, and says on which port, and
 * which commit is its newest.
 *
 *     node service-process.ts FOLDER
 */
import { writeSync } from 'node:fs';
import { type Log, silentLog } from '@riad/runtime/logging/log';
import { RunningCalendar } from './running-calendar.ts';

const [, , folder = ''] = process.argv;
/** What is worth a warning, and how it is when asked with SIGUSR2, one line each. */
const tell = (event: string, fields = {}): void =>
  void writeSync(2, `${JSON.stringify({ event, ...fields })}\n`);
const log: Log = { ...silentLog, warn: tell, error: tell, with: () => log };
const running = await RunningCalendar.start(['ann'], {}, { folder, log });
process.on('SIGUSR2', () => tell('health', running.service.health()));
const { head } = running.service.status() as { head: string | undefined };
writeSync(1, `${running.port} ${head ?? '-'}\n`);
process.once('SIGTERM', () => void running.stop().then(() => process.exit()));
