/** Runs `FOLDER/NAME.ts` for each name given, one after the other, or lists what there is. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Options and numbers go to every program: `npm run bench -- NAME --rounds=3`, `npm run campaign -- NAME 500`. */
export function runNamed(folder: string, args: readonly string[]): number {
  const isOption = (arg: string): boolean => arg.startsWith('-') || /^\d+$/.test(arg);
  const names = args.filter((arg) => !isOption(arg));
  const options = args.filter(isOption);
  const offered = globSync('*.ts', { cwd: join(root, folder) })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
  if (names.length === 0) {
    process.stderr.write(`give one or more of: ${offered.join(', ') || '(none here)'}\n`);
    return 2;
  }
  for (const name of names) {
    const file = join(root, folder, `${name}.ts`);
    if (!offered.includes(name) || !existsSync(file)) {
      process.stderr.write(
        `${folder}/${name}.ts does not exist; there is: ${offered.join(', ')}\n`,
      );
      return 2;
    }
    const { status } = spawnSync(process.execPath, [file, ...options], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}
