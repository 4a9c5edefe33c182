/** `riad calendar takeover`: reads another server’s data, which the service may not, and lets the service take it. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { formatItem, householdName } from '@riad/service-calendar/takeover/household';
import {
  isSourceKind,
  openSource,
  type SourceOptions,
  sourceKinds,
} from '@riad/service-calendar/takeover/source';
import type { TakeoverReport } from '@riad/service-calendar/takeover/take-over';
import { asOwnerOf } from '../as-owner.ts';
import { askCalendar, type CalendarOption, findCalendar } from '../calendar-service.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';

type Options = CalendarOption &
  SourceOptions & { readonly json?: boolean; readonly dryRun?: boolean };

/** A hundred thousand objects are checked, committed and indexed in some minutes. */
const patienceMs = 3_600_000;

export async function run(
  server: string,
  folder: string,
  options: Options,
  output: Output = process,
): Promise<number> {
  if (!isSourceKind(server)) throw new Refusal(`the server is one of ${sourceKinds.join(', ')}`);
  const { json, dryRun, ...rest } = options;
  const household = openSource(server, resolve(folder), rest);
  const { service } = await findCalendar(options);
  const { stateDirectory } = service;
  const file = `takeover-${randomUUID()}.jsonl`;
  const path = join(stateDirectory, file);
  // The file is the service’s to read; the source perhaps only root’s.
  const handle = await asOwnerOf(stateDirectory, async () => {
    await mkdir(stateDirectory, { recursive: true });
    await removeForgotten(stateDirectory);
    return open(path, 'wx', 0o600);
  });
  try {
    for await (const item of household) await handle.appendFile(formatItem(item));
    const input = { file, source: server, dryRun: dryRun === true };
    const report = (await askCalendar(
      options,
      'calendar-takeover',
      input,
      patienceMs,
    )) as TakeoverReport;
    if (json) output.stdout.write(`${JSON.stringify(report)}\n`);
    else show(report, dryRun === true, output);
    return report.wrong.length > 0 ? 1 : 0;
  } finally {
    await handle.close();
    await rm(path, { force: true });
  }
}

/** Of a command that was killed; whatever takes longer than a day is over. */
const forgottenAfterMs = 86_400_000;

async function removeForgotten(stateDirectory: string): Promise<void> {
  for (const name of await readdir(stateDirectory)) {
    const path = join(stateDirectory, name);
    if (householdName.test(name) && (await stat(path)).mtimeMs < Date.now() - forgottenAfterMs)
      await rm(path, { force: true });
  }
}

function show(report: TakeoverReport, dryRun: boolean, { stdout, stderr }: Output): void {
  for (const { kind, name, is } of report.people) stdout.write(`${is.padEnd(8)} ${kind} ${name}\n`);
  for (const { path, from, is, objects } of report.collections) {
    const counts = [
      `${objects.new} new`,
      `${objects.changed} changed`,
      `${objects.same} the same`,
      ...(objects.wrong > 0 ? [`${objects.wrong} wrong`] : []),
    ];
    stdout.write(`${is.padEnd(8)} ${path}  from ${from}: ${counts.join(', ')}\n`);
  }
  for (const sentence of report.wrong) stdout.write(`wrong    ${sentence}\n`);
  for (const sentence of report.remarks) stderr.write(`note: ${sentence}\n`);
  if (dryRun) stderr.write('nothing was written: --dry-run\n');
  else if (report.revisions.length === 0) stderr.write('no calendar has changed\n');
  for (const revision of report.revisions) stderr.write(`written, as commit ${revision}\n`);
  if (report.wrong.length > 0)
    stderr.write('what is wrong stays where it is, and was not taken over\n');
}
