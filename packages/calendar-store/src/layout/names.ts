/**
 * Names of collections and members as names of files. They stay as they are, but for what git, the store’s
 * layout or this one keeps for itself: those letters are written `%2E`, as in URLs. A name that no file may
 * have for its length goes through folders, whose names begin with `%+`.
 */

/** Of a name as a client gives it; a segment of a URL of three times that many octets. */
export const maxNameOctets = 1024;
/** What a sidecar adds must fit beside it into the 255 octets of file systems. */
const maxPieceOctets = 200;
const continued = '%+';
/** Nothing to look into: what clients make of UIDs, and no more octets than letters. */
const plain = /^[A-Za-z0-9_][A-Za-z0-9_@.-]{0,199}$/;

/** The path of a name below its folder: one name nearly always. RangeError for what is no text or too long. */
export function storedName(name: string): string {
  if (plain.test(name)) return name;
  if (name === '' || !name.isWellFormed()) throw new RangeError(`name: ${JSON.stringify(name)}`);
  const whole = escapePiece(name);
  if (Buffer.byteLength(whole) <= maxPieceOctets) return whole;
  if (Buffer.byteLength(name) > maxNameOctets) {
    throw new RangeError(`name: more than ${maxNameOctets} octets`);
  }
  const pieces: string[] = [];
  let piece = '';
  for (const letter of name) {
    if (Buffer.byteLength(escapePiece(piece + letter)) > maxPieceOctets) {
      pieces.push(piece);
      piece = '';
    }
    piece += letter;
  }
  pieces.push(piece);
  const last = pieces.length - 1;
  return pieces.map((part, i) => (i < last ? continued : '') + escapePiece(part)).join('/');
}

/** The names that a path of files stands for. */
export function namesOf(files: readonly string[]): string[] {
  const names: string[] = [];
  let begun = '';
  for (const file of files) {
    if (file.startsWith(continued)) begun += decodePercent(file.slice(continued.length));
    else {
      names.push(begun + decodePercent(file));
      begun = '';
    }
  }
  return names;
}

/** In a line of words: without blanks of any kind. */
export function asWord(text: string): string {
  if (/^[!-~]*$/.test(text)) return text;
  return text.replace(/[\p{Z}\ufeff]/gu, percent);
}

/** A word as it was before; what names have of `%` stays. */
export function unworded(word: string): string {
  return word.replace(/(?:%[0-9A-F]{2})+/g, (run) => {
    const text = Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8');
    return /^[\p{Z}\ufeff]+$/u.test(text) ? text : run;
  });
}

export function percentDecoded(text: string): string {
  return decodePercent(text);
}

/** Control characters, the slash, the backslash, and what HFS+ does not see. */
const unsafe = /[\p{Cc}/\\%\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;

function escapePiece(piece: string): string {
  const escaped = piece.search(unsafe) < 0 ? piece : piece.replace(unsafe, percent);
  // Names that begin with a dot are ours; those of branches the store’s; the others NTFS takes for `.git`.
  return /^(?:\.|=[0-9a-f]$|git~\d|gi[0-9a-f]{4}~\d)/i.test(escaped)
    ? percent(escaped[0]!) + escaped.slice(1)
    : escaped;
}

function percent(letter: string): string {
  return Array.from(Buffer.from(letter), (octet) => `%${hex(octet)}`).join('');
}

function hex(octet: number): string {
  return octet.toString(16).toUpperCase().padStart(2, '0');
}

/** What people have written with a `%` of their own stays what it is. */
function decodePercent(file: string): string {
  if (!file.includes('%')) return file;
  const octets = file.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    const decoded = Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8');
    return decoded.includes('\ufffd') ? run : decoded;
  });
  return octets;
}
