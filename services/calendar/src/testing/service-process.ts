/**
 * The service in a process of its own, to be killed: serves the state of a folder, and says on which port, and
 * which commit is its newest.
 *
 *     node service-process.ts FOLDER
 */
import { writeSync } from 'node:fs';
import { RunningCalendar } from './running-calendar.ts';

const [, , folder = ''] = process.argv;
const running = await RunningCalendar.start(['ann'], {}, { folder });
const { head } = running.service.status() as { head: string | undefined };
writeSync(1, `${running.port} ${head ?? '-'}\n`);
process.once('SIGTERM', () => void running.stop().then(() => process.exit()));
