/**
 * Paths in URLs: decoded into segments when they come, and in one canonical encoding when they go
 * (RFC 4918 §8.3). Two URLs are the same if their segments are.
 */
import { DecodeError } from '@riad/octets/decode-error';
import { hexDigit } from '@riad/octets/hex';
import { decodeUtf8, encodeUtf8 } from '@riad/octets/utf8';
import type { Path } from '../storage/storage.ts';

export const codes = {
  'path.form': 'not an absolute path or URL',
  'path.escape': 'a percent sign without two hexadecimal digits, or octets that are no UTF-8',
  'path.segment': 'a segment that is `.` or `..`, or has a slash or a control character in it',
  'path.length': 'a segment, or the whole path, is too long',
} as const;

/** What file systems and git take as a name. */
export const maxSegmentOctets = 255;
/** Deeper folders than people make; each level is a look-up for access rights. */
export const maxSegments = 32;

export type UrlPath = {
  readonly segments: Path;
  /** Whether it ends in a slash. */
  readonly slash: boolean;
};

/** Of a request target, or the path of a URL; query and fragment are dropped. */
export function parseUrlPath(target: string): UrlPath {
  if (!target.startsWith('/')) fail('path.form', 0);
  const end = target.search(/[?#]/);
  const path = end < 0 ? target : target.slice(0, end);
  const segments: string[] = [];
  // Empty segments are dropped, as every file system does: `//` names what `/` names.
  for (const piece of path.split('/')) if (piece !== '') segments.push(decodeSegment(piece));
  if (segments.length > maxSegments) fail('path.length', path.length);
  return { segments, slash: path.endsWith('/') };
}

/** The authority and path of `http://host/path`; undefined unless it is such a URL. */
export function splitUrl(url: string): { authority: string; path: string } | undefined {
  const match = /^https?:\/\/([^/?#]*)([^?#]*)/i.exec(url);
  if (match === null) return undefined;
  const [, authority = '', path = ''] = match;
  const host = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  return { authority: host.replace(/:(?:80|443)$/, ''), path: path === '' ? '/' : path };
}

function decodeSegment(piece: string): string {
  const text = piece.includes('%') || /[^\x20-\x7e]/.test(piece) ? decodeEscapes(piece) : piece;
  // RFC 3986 §3.3: an encoded slash is no separator; no name here has one.
  if (text === '.' || text === '..' || hasForbidden(text)) fail('path.segment', 0);
  if (text.length > maxSegmentOctets || encodeUtf8(text).length > maxSegmentOctets) {
    fail('path.length', 0);
  }
  return text;
}

/** A slash, or what would split a line of a header, a log or a tree of git. */
function hasForbidden(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f || unit === 0x2f) return true;
  }
  return false;
}

function decodeEscapes(piece: string): string {
  const source = encodeUtf8(piece);
  const octets = new Uint8Array(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    if (source[at] !== 0x25) {
      octets[length++] = source[at]!;
      continue;
    }
    const high = hexDigit(source[at + 1] ?? 0);
    const low = hexDigit(source[at + 2] ?? 0);
    if (high < 0 || low < 0) fail('path.escape', at);
    octets[length++] = (high << 4) | low;
    at += 2;
  }
  try {
    return decodeUtf8(octets.subarray(0, length));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return fail('path.escape', error.offset);
  }
}

function fail(code: keyof typeof codes, offset: number): never {
  throw new DecodeError(code, offset, codes[code]);
}

/**
 * The one encoding of a path: path-absolute, collections with a slash at the end (RFC 4918 §5.2).
 * ASCII, without characters that XML or HTML would need escaped.
 */
export function formatHref(segments: Path, collection: boolean): string {
  let href = '';
  for (const segment of segments) href += `/${encodeSegment(segment)}`;
  return collection ? `${href}/` : href;
}

const hex = '0123456789ABCDEF';

export function encodeSegment(segment: string): string {
  if (/^[\w\-.~@:()]*$/.test(segment)) return segment;
  let text = '';
  for (const octet of encodeUtf8(segment)) {
    const character = String.fromCharCode(octet);
    text += /[\w\-.~@:()]/.test(character) ? character : `%${hex[octet >> 4]}${hex[octet & 15]}`;
  }
  return text;
}

export function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((segment, index) => segment === b[index]);
}

/** Whether `path` lies below `ancestor`, or is it. */
export function isWithin(path: Path, ancestor: Path): boolean {
  return ancestor.length <= path.length && ancestor.every((segment, i) => segment === path[i]);
}

/** A path as a key of maps; segments have no slash. */
export function pathKey(path: Path): string {
  return path.join('/');
}
