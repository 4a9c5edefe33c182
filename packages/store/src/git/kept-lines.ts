/** What a merge did not take, as its commit message says it: a line for each file. */
import type { KeptPath } from '../history/merge.ts';

export function keptLines(kept: readonly KeptPath[]): string {
  return kept.map(({ path, reason }) => `Kept ours of ${path}: ${reason}`).join('\n');
}

/** Total. A path with a colon and a blank comes back shorter: it is for people. */
export function keptIn(message: string): KeptPath[] {
  return message.split('\n').flatMap((line) => {
    const [, path, reason] = /^Kept ours of (.*?): (.*)$/.exec(line) ?? [];
    return path === undefined || reason === undefined ? [] : [{ path, reason }];
  });
}
