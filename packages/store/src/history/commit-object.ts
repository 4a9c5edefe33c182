/** Commits as git writes them, and the trailers at the end of their message (git-interpret-trailers). */

import { atOnce, type Pieces } from '@riad/octets/pieces';
import type { CommitInformation, Person, Trailer } from '../store.ts';
import { StoreError } from '../store-error.ts';
import type { ObjectId } from './objects.ts';

export const maxMessageOctets: number = 16 << 20;

export type CommitObject = Omit<CommitInformation, 'revision'> & { readonly tree: ObjectId };

/** RangeError for what would not read back as it is. */
export function encodeCommit(commit: CommitObject): Uint8Array {
  return atOnce(encodingCommit(commit));
}

/** Trailers that are looked at between two pauses. */
const trailersOfPiece = 512;

/** The same in pieces. */
export function* encodingCommit(commit: CommitObject): Pieces<Uint8Array> {
  const { tree, parents, author, timeSeconds, trailers } = commit;
  for (const [what, text] of Object.entries(author)) {
    if (/[<>\p{Cc}]/u.test(text) || text.trim() !== text || !text.isWellFormed()) {
      throw new RangeError(`author ${what}: ${JSON.stringify(text)}`);
    }
  }
  if (author.name === '') throw new RangeError('author name: empty');
  const message = commit.message.trim();
  if (message === '' || message.includes('\0'))
    throw new RangeError('message: empty, or with a NUL');
  let looked = 0;
  for (const { key, value } of trailers) {
    if (++looked % trailersOfPiece === 0) yield;
    if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(key)) {
      throw new RangeError(`trailer key: ${JSON.stringify(key)}`);
    }
    if (/\p{Cc}/u.test(value) || value.trim() !== value) {
      throw new RangeError(`trailer ${key}: ${JSON.stringify(value)}`);
    }
  }
  const who = `${author.name} <${author.email}> ${timeSeconds} +0000`;
  const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)];
  lines.push(`author ${who}`, `committer ${who}`, '', message);
  if (trailers.length > 0) lines.push('', ...trailers.map(({ key, value }) => `${key}: ${value}`));
  const octets = Buffer.from(`${lines.join('\n')}\n`);
  if (octets.length > maxMessageOctets) {
    throw new RangeError(`message: more than ${maxMessageOctets} octets with its trailers`);
  }
  return octets;
}

/** Reads what any git has written; headers it does not need are left alone. */
export function decodeCommit(content: Uint8Array, id: ObjectId): CommitObject {
  const text = new TextDecoder().decode(content);
  const end = text.indexOf('\n\n');
  const head = end < 0 ? text : text.slice(0, end);
  let tree: ObjectId | undefined;
  const parents: ObjectId[] = [];
  let author: Person = { name: '', email: '' };
  let timeSeconds = 0;
  for (const line of head.split('\n')) {
    const [, word, rest] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (rest === undefined) continue;
    if (word === 'tree') tree ??= rest;
    if (word === 'parent') parents.push(rest);
    if (word === 'author') author = personOf(rest);
    if (word === 'committer') timeSeconds = Number(/> (-?\d+) [+-]\d+$/.exec(rest)?.[1] ?? 0);
  }
  if (tree === undefined) throw new StoreError('store.object', `commit ${id}`);
  return {
    tree,
    parents,
    author,
    timeSeconds,
    ...splitMessage(end < 0 ? '' : text.slice(end + 2)),
  };
}

function personOf(line: string): Person {
  const [, name = '', email = ''] = /^(.*?) ?<([^>]*)>/.exec(line) ?? [];
  return { name, email };
}

/** The last paragraph is trailers if it is not the only one and each line of it is one. */
function splitMessage(text: string): { message: string; trailers: Trailer[] } {
  const whole = text.trim();
  const at = whole.lastIndexOf('\n\n');
  if (at < 0) return { message: whole, trailers: [] };
  const trailers: Trailer[] = [];
  for (const line of whole.slice(at + 2).split('\n')) {
    const [, key, value] = /^([A-Za-z0-9][A-Za-z0-9-]*): ?(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) return { message: whole, trailers: [] };
    trailers.push({ key, value });
  }
  return { message: whole.slice(0, at).trimEnd(), trailers };
}
