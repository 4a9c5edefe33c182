/** Paths of files in the store: names between slashes, such as every git and file system can hold. */

export const maxNameOctets = 255; // what file systems take, for whoever checks the repository out
export const maxPathOctets = 4096; // PATH_MAX, with the same reason
export const maxDepth = 64;

const decoder = new TextDecoder();

/** Names that nobody has anything against: most are such. */
const plain = /^[A-Za-z0-9_=][A-Za-z0-9_@.=-]{0,254}$/;

/** The names of a path. `''` has none. RangeError for what cannot be read. */
export function namesOf(path: string): string[] {
  if (path === '') return [];
  const names = path.split('/');
  for (const name of names) {
    if (name === '') throw new RangeError(`path: ${JSON.stringify(path)} has an empty name`);
  }
  return names;
}

/** The names of a path that is to be written; RangeError for names that git, or a checkout, would refuse. */
export function writableNamesOf(path: string): string[] {
  const names = namesOf(path);
  const refuse = (why: string): never => {
    throw new RangeError(`path: ${JSON.stringify(path)} ${why}`);
  };
  if (names.length === 0) refuse('names no file');
  if (names.length > maxDepth) refuse(`has more than ${maxDepth} names`);
  if (Buffer.byteLength(path) > maxPathOctets) refuse(`has more than ${maxPathOctets} octets`);
  for (const name of names) {
    if (plain.test(name)) continue;
    if (Buffer.byteLength(name) > maxNameOctets)
      refuse(`has a name of over ${maxNameOctets} octets`);
    if (!name.isWellFormed()) refuse('is no text');
    if (name === '.' || name === '..') refuse('leads elsewhere');
    if (/[\p{Cc}\\]/u.test(name)) refuse('has a control character or a backslash');
    if (isGitsOwn(name)) refuse('has a name that git keeps for itself');
  }
  return names;
}

/**
 * `.git`, `.gitmodules` and the like, and what file systems of others take for them: letters of either
 * case, ignorable characters (HFS+), short names (NTFS). git fsck complains about all of these.
 */
function isGitsOwn(name: string): boolean {
  const visible = name
    .replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')
    .toLowerCase();
  return visible.startsWith('.git') || /^(?:git|gi[0-9a-f]{4})~\d/.test(visible);
}

/** Names inside trees are octets; one letter each keeps git's order and what is no UTF-8. */
export type RawName = string;

export function toRaw(name: string): RawName {
  return isAscii(name) ? name : Buffer.from(name, 'utf8').toString('latin1');
}

export function fromRaw(raw: RawName): string {
  return isAscii(raw) ? raw : decoder.decode(Buffer.from(raw, 'latin1'));
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}
