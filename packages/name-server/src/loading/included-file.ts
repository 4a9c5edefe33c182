/** Files that zone files may include: those in subfolders of the zones' folder, which are never zones. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';

/** The most an included file may have. */
export const maxIncludedOctets: number = 256 << 20;

/** Undefined for what cannot be read or must not be. Links are followed, and may not lead elsewhere. */
export function readIncluded(folder: string, name: string): Uint8Array | undefined {
  try {
    const inside = realpathSync(resolve(folder, name));
    const top = realpathSync(folder) + sep;
    if (!inside.startsWith(top) || !inside.slice(top.length).includes(sep)) return undefined;
    const status = statSync(inside);
    if (!status.isFile() || status.size > maxIncludedOctets) return undefined;
    return readFileSync(inside);
  } catch {
    return undefined;
  }
}
