/** Which files are zones, and of which name. */
import { formatName, parseName } from '@riad/dns/name';

/** What narrows the keys of the zones beside it. */
export const policyFileName = '_policy.yaml';

/** The file `@` is the root zone: a file cannot be called `.`. */
const rootFile = '@';

/**
 * The zone that a file of this name holds: lower case, with the final dot. Undefined for what is no
 * zone: hidden files, what editors leave behind, key files (`_keys`, `example.com._keys`), the policy,
 * folders' names and texts about the zones.
 */
export function zoneOfFile(file: string): string | undefined {
  if (file === rootFile) return '.';
  if (
    file.startsWith('.') ||
    file.startsWith('#') ||
    /[~#]$|\.(swp|swo|tmp|new|bak|orig|md|txt)$/i.test(file)
  )
    return undefined;
  if (file === '_keys' || file.endsWith('._keys') || file === policyFileName) return undefined;
  try {
    return canonicalZone(file);
  } catch {
    return undefined;
  }
}

/** A zone's name as it is kept everywhere here; throws DecodeError for what is no name. */
export function canonicalZone(name: string): string {
  return formatName(parseName(name.toLowerCase()));
}
