/** The list that a backup is verified by: `SHA256SUMS`, as `sha256sum -c` reads it as well. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Refusal } from '../refusal.ts';

const listName = 'SHA256SUMS';

export async function writeChecksums(folder: string): Promise<void> {
  let list = '';
  for (const name of filesIn(folder)) {
    // A name with a line end in it is written as sha256sum does.
    const escaped = /[\\\n\r]/.test(name);
    const written = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
    list += `${escaped ? '\\' : ''}${await digestOf(join(folder, name))}  ${escaped ? written : name}\n`;
  }
  writeFileSync(join(folder, listName), list, { mode: 0o600 });
}

/** Refuses what is damaged, incomplete, or has something more. */
export async function verifyChecksums(folder: string): Promise<void> {
  const file = join(folder, listName);
  if (!existsSync(file))
    throw new Refusal(`${folder} has no ${listName}: it is no backup, or none that was finished`);
  const wanted = new Map<string, string>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const match = /^(\\?)([0-9a-f]{64}) [ *](.+)$/.exec(line);
    if (match === null) continue;
    const [, escaped, digest, name] = match;
    const plain =
      escaped === ''
        ? name!
        : name!.replace(/\\(.)/g, (_, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? letter);
    wanted.set(plain, digest!);
  }
  const faults: string[] = [];
  const there = new Set(filesIn(folder));
  for (const name of there) if (!wanted.has(name)) faults.push(`${name} is not in ${listName}`);
  for (const [name, digest] of wanted) {
    if (!there.has(name)) faults.push(`${name} is missing`);
    else if ((await digestOf(join(folder, name))) !== digest) faults.push(`${name} has changed`);
  }
  if (faults.length === 0) return;
  const told = faults.slice(0, 10).join('; ');
  throw new Refusal(
    `${folder}: ${told}${faults.length > 10 ? `; and ${faults.length - 10} more` : ''}`,
  );
}

/** Links are not followed; what they say is not in the list. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => name !== listName)
    .sort();
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
