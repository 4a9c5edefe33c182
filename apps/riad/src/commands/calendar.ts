/** `riad calendar history|revert|export|import|release`: asks the service, which knows. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { askCalendar, type CalendarOption } from '../calendar-service.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';

type Options = CalendarOption & {
  readonly json?: boolean;
  readonly uid?: string;
  readonly user?: string;
  readonly device?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly at?: string;
  readonly commit?: string;
  readonly by?: string;
  readonly dryRun?: boolean;
  readonly overwrite?: boolean;
  readonly format?: string;
  readonly file?: string;
  readonly paths?: readonly string[];
  readonly yes?: boolean;
};

type Purged = {
  readonly commits: number;
  readonly keptBy: readonly string[];
  readonly remote?: 'replaced' | 'waits';
};

type Entry = {
  readonly revision: string;
  readonly time: string;
  readonly user?: string;
  readonly device?: string;
  readonly path: string;
  readonly summary: string;
  readonly differences: readonly string[];
};

type Reverted = {
  readonly steps: readonly {
    path: string;
    does: string;
    changedSince: boolean;
    conflict?: string;
  }[];
  readonly revision?: string;
};

type Imported = {
  readonly new: readonly string[];
  readonly changed: readonly string[];
  readonly same: number;
  readonly wrong: readonly string[];
  readonly notes: readonly string[];
  readonly totals: { readonly new: number; readonly changed: number; readonly wrong: number };
  readonly revision?: string;
};

export async function run(
  action: 'history' | 'revert' | 'export' | 'import' | 'purge' | 'release',
  subject: string | undefined,
  options: Options,
  output: Output = process,
): Promise<number> {
  const { json, user, device, since, at, uid, dryRun, overwrite } = options;
  const print = (value: unknown): number => {
    output.stdout.write(`${JSON.stringify(value)}\n`);
    return 0;
  };
  switch (action) {
    case 'history': {
      const limit = Number(options.limit ?? 100);
      if (!Number.isInteger(limit) || limit < 1) throw new Refusal('--limit is a number above 0');
      const input = { path: subject, uid, user, device, since, limit };
      const answer = (await askCalendar(options, 'calendar-history', input)) as {
        entries: Entry[];
      };
      return json ? print(answer) : showHistory(answer.entries, output);
    }
    case 'revert': {
      const { commit, by } = options;
      const input = {
        path: subject,
        at,
        commit,
        actor: by,
        device,
        since,
        user,
        dryRun,
        overwrite,
      };
      const answer = (await askCalendar(options, 'calendar-revert', input)) as Reverted;
      return json ? print(answer) : showReverted(answer, dryRun === true, output);
    }
    case 'export': {
      const input = { path: subject, format: options.format, at };
      const answer = (await askCalendar(options, 'calendar-export', input)) as {
        base64: string;
        contentType: string;
      };
      const octets = Buffer.from(answer.base64, 'base64');
      const isText = answer.contentType !== 'application/zip';
      if (!isText && output === process && process.stdout.isTTY)
        throw new Refusal('a zip file is nothing for a terminal: > FILE.zip');
      output.stdout.write(isText ? octets.toString() : octets);
      return 0;
    }
    case 'import': {
      const { file = '-' } = options;
      const octets = file === '-' ? await buffer(process.stdin) : readFileSync(file);
      const input = {
        path: subject,
        base64: octets.toString('base64'),
        fileName: file === '-' ? 'standard input' : basename(file),
        dryRun,
      };
      const answer = (await askCalendar(options, 'calendar-import', input)) as Imported;
      return json ? print(answer) : showImported(answer, dryRun === true, output);
    }
    case 'purge': {
      if (!options.yes)
        throw new Refusal('a purge cannot be undone, and clones keep what they have: --yes');
      const input = { paths: options.paths };
      const answer = (await askCalendar(options, 'calendar-purge', input)) as Purged;
      if (json) return print(answer);
      output.stderr.write(`erased; ${answer.commits} commits have other names now\n`);
      if (answer.remote === 'replaced')
        output.stderr.write(
          'the remote repository has the new history; clones have to be made anew\n',
        );
      if (answer.remote === 'waits')
        output.stderr.write(
          'the remote repository still has the old history; it is set right once it can be; the log tells\n',
        );
      for (const name of answer.keptBy)
        output.stderr.write(`${name} still leads to what was erased: git update-ref -d ${name}\n`);
      return 0;
    }
    default: {
      await askCalendar(options, 'calendar-release', { user: subject, device });
      output.stderr.write(`${subject} may delete for ten minutes\n`);
      return 0;
    }
  }
}

function showHistory(entries: readonly Entry[], { stdout, stderr }: Output): number {
  for (const { time, user, device, path, summary, differences, revision } of entries) {
    const who = [user, device].filter((word) => word !== undefined).join(', ');
    stdout.write(`${time.slice(0, 19).replace('T', ' ')}  ${who}  ${summary}\n`);
    for (const difference of differences.length > 1 ? differences : [])
      stdout.write(`    ${difference}\n`);
    stdout.write(`    ${path}  ${revision.slice(0, 40)}\n`);
  }
  if (entries.length === 0) stderr.write('nothing has happened there\n');
  return 0;
}

function showReverted(
  { steps, revision }: Reverted,
  dryRun: boolean,
  { stdout, stderr }: Output,
): number {
  for (const { path, does, changedSince, conflict } of steps) {
    const why = conflict === undefined ? '' : `: ${conflict}`;
    stdout.write(`${does} ${path}${changedSince ? `  (changed since by others${why})` : ''}\n`);
  }
  stderr.write(
    steps.length === 0
      ? 'it is so already\n'
      : dryRun
        ? 'nothing was done: --dry-run\n'
        : `done, as commit ${revision}\n`,
  );
  return 0;
}

function showImported(answer: Imported, dryRun: boolean, { stdout, stderr }: Output): number {
  for (const uid of answer.new) stdout.write(`new      ${uid}\n`);
  for (const uid of answer.changed) stdout.write(`changed  ${uid}\n`);
  for (const sentence of answer.wrong) stdout.write(`wrong    ${sentence}\n`);
  for (const list of ['new', 'changed', 'wrong'] as const) {
    const more = answer.totals[list] - answer[list].length;
    if (more > 0) stderr.write(`and ${more} more ${list}\n`);
  }
  for (const sentence of answer.notes) stderr.write(`note: ${sentence}\n`);
  stderr.write(`${answer.same} the same\n`);
  if (dryRun) stderr.write('nothing was written: --dry-run\n');
  else if (answer.revision !== undefined) stderr.write(`written, as commit ${answer.revision}\n`);
  return answer.wrong.length > 0 ? 1 : 0;
}
