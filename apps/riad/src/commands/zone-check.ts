import { checkZoneFile } from '@riad/name-server/loading/zone-file-check';
import { openZoneFile } from './zone-file.ts';

type Result = {
  file: string;
  good: boolean;
  faults: readonly object[];
  warnings: readonly object[];
};

/** Loads each file as the server would and says what the server would say, and what looks wrong besides. */
export async function run(
  files: readonly string[],
  options: { origin?: string; json?: boolean },
): Promise<number> {
  const results = files.map((file): Result => {
    const { origin, text, include } = openZoneFile(file, options.origin);
    const { faults, warnings } = checkZoneFile({ apexName: origin, text, file, include });
    if (!options.json) {
      for (const { file, line, column, message } of faults)
        process.stdout.write(`${file}:${line}:${column}: ${message}\n`);
      for (const { file, line, column, message } of warnings)
        process.stdout.write(`${file}:${line}:${column}: warning: ${message}\n`);
      if (faults.length === 0) process.stdout.write(`${file}: good\n`);
    }
    return { file, good: faults.length === 0, faults, warnings };
  });
  if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  return results.every(({ good }) => good) ? 0 : 1;
}
