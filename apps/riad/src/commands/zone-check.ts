/** `riad zone check`: judges files as the server would take them, and against what they were before. */
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Name } from '@riad/dns/name';
import type { LoadFault } from '@riad/dns-server/zone-loading/load-zone';
import { readIncluded } from '@riad/name-server/loading/included-file';
import {
  type FileJudgement,
  type FileRules,
  judgeFile,
  type SourceFile,
} from '@riad/service-dns-primary/file-check';
import { nameOf } from '../name-argument.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';

export type ZoneCheckOptions = {
  readonly origin?: string;
  readonly old?: string;
  readonly serial?: string;
  readonly rootOrigin?: boolean;
  readonly json?: boolean;
};

type Result = {
  readonly file: string;
  readonly kind: FileJudgement['kind'];
  readonly good: boolean;
  readonly faults: readonly LoadFault[];
  readonly warnings: readonly LoadFault[];
};

export async function run(
  files: readonly string[],
  options: ZoneCheckOptions,
  output: Output = process,
): Promise<number> {
  const { old, origin, json } = options;
  if (old !== undefined && files.length > 1) throw new Refusal('with --old give one file');
  const rules = rulesOf(options);
  const former =
    old === undefined
      ? undefined
      : { text: readFileSync(old), include: includedBeside(files[0] ?? old) };
  const results = files.map((file): Result => {
    const zone = origin === undefined ? zoneOfEnding(file) : nameOf(origin, 'zone’s name');
    const judged = judgeFile(openFile(file), rules, former, zone);
    const result = { file, ...judged, good: judged.faults.length === 0 };
    if (!json) printResult(result, output);
    return result;
  });
  if (json) output.stdout.write(`${JSON.stringify(results)}\n`);
  return results.every(({ good }) => good) ? 0 : 1;
}

export function rulesOf({ serial, rootOrigin }: ZoneCheckOptions): FileRules {
  if (serial !== undefined && serial !== 'auto' && serial !== 'file') {
    throw new Refusal(`--serial ${serial}: there is auto and file`);
  }
  return { rootOrigin: rootOrigin === true, serial: serial ?? 'file' };
}

/** `example.com.zone` is example.com for people, if not for the server. */
function zoneOfEnding(file: string): Name | undefined {
  const name = basename(file);
  return name.endsWith('.zone') ? nameOf(name.slice(0, -'.zone'.length), 'zone’s name') : undefined;
}

function openFile(file: string): SourceFile {
  return {
    name: basename(file),
    label: file,
    text: readFileSync(file),
    include: includedBeside(file),
  };
}

function includedBeside(file: string): SourceFile['include'] {
  const folder = dirname(resolve(file));
  return (path) => readIncluded(folder, path);
}

function printResult({ file, kind, good, faults, warnings }: Result, { stdout }: Output): void {
  for (const fault of faults) stdout.write(`${placed(fault)}\n`);
  for (const warning of warnings) stdout.write(`${placed(warning, 'warning: ')}\n`);
  if (kind === 'other') {
    stdout.write(`${file}: the server takes no file of this name for a zone; --origin does\n`);
  } else if (good) stdout.write(`${file}: good\n`);
}

/** `file:line:column: sentence`, so that editors find the place. */
export function placed({ file, line, column, message }: LoadFault, what: string = ''): string {
  return `${file}:${line}:${column}: ${what}${message}`;
}
