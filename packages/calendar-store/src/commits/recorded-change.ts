/**
 * What a commit says of itself in its trailers, so that sync logs and timelines come from commits alone:
 *
 *     Riad-Parent: 0123abcd                                            what it was made upon
 *     Riad-User: ann
 *     Riad-Device: phone
 *     Riad-Request: 4711
 *     Riad-Change: put 17 calendars/ann/work lunch.ics BLOB UID        a member, new or changed
 *     Riad-Change: delete 18 calendars/ann/work lunch.ics UID
 *     Riad-Change: make 1 calendars/ann work BLOB                      a collection; 0: nothing around it
 *     Riad-Change: remove 2 calendars/ann work
 *     Riad-Change: describe calendars/ann/work lunch.ics BLOB          what is said of it, `-`: nothing
 *     Riad-Change: describe calendars/ann/work . BLOB                  of the collection itself
 *
 * The number is the collection’s: each change of its members has the next one. `Riad-Parent` tells a commit of
 * ours from a copy that somebody has put elsewhere (`git cherry-pick` keeps the message).
 */
import { atOnce, type Pieces } from '@riad/octets/pieces';
import type { Difference, Revision, Trailer } from '@riad/store/store';
import type { Path } from '@riad/webdav/storage/storage';
import { asWord, namesOf, percentDecoded, storedName, unworded } from '../layout/names.ts';
import { storedPath } from '../layout/paths.ts';

export type RecordedChange =
  | {
      readonly type: 'put';
      readonly sequence: number;
      readonly collection: Path;
      readonly name: string;
      readonly blob: string;
      readonly uid: string | undefined;
    }
  | {
      readonly type: 'delete';
      readonly sequence: number;
      readonly collection: Path;
      readonly name: string;
      readonly uid: string | undefined;
    }
  | { readonly type: 'make'; readonly sequence: number; readonly path: Path; readonly blob: string }
  | { readonly type: 'remove'; readonly sequence: number; readonly path: Path }
  | {
      readonly type: 'describe';
      readonly collection: Path;
      /** Undefined: the collection itself. */
      readonly name: string | undefined;
      readonly blob: string | undefined;
    };

export type Origin = {
  readonly user: string | undefined;
  readonly device: string | undefined;
  readonly requestId: string | undefined;
};

const changeKey = 'Riad-Change';
const parentKey = 'Riad-Parent';
/** The id that a commit had before something was erased from history. */
const rewrittenKey = 'Riad-Rewritten';
/** On a commit of somebody else that was made anew for that, and what it did to what was erased. */
const foreignKey = 'Riad-Foreign';
const erasedKey = 'Riad-Erased';
const parentDigits = 8;

export function trailersOf(
  parent: Revision | undefined,
  { user, device, requestId }: Origin,
  changes: readonly RecordedChange[],
): Trailer[] {
  return atOnce(makingTrailers(parent, { user, device, requestId }, changes));
}

/** Changes that are put into words between two pauses. */
const changesOfPiece = 128;

/** The same in pieces. */
export function* makingTrailers(
  parent: Revision | undefined,
  { user, device, requestId }: Origin,
  changes: readonly RecordedChange[],
): Pieces<Trailer[]> {
  const trailers: Trailer[] = [{ key: parentKey, value: shortened(parent) }];
  const say = (key: string, text: string | undefined): void => {
    const value = text === undefined ? '' : line(text);
    if (value !== '') trailers.push({ key, value });
  };
  say('Riad-User', user);
  say('Riad-Device', device);
  say('Riad-Request', requestId);
  for (const [index, change] of changes.entries()) {
    if (index % changesOfPiece === changesOfPiece - 1) yield;
    trailers.push({ key: changeKey, value: formatChange(change) });
  }
  return trailers;
}

export function parentTrailer(parent: Revision | undefined): Trailer {
  return { key: parentKey, value: shortened(parent) };
}

export function rewrittenTrailer(before: Revision): Trailer {
  return { key: rewrittenKey, value: before };
}

export const foreignTrailer: Trailer = { key: foreignKey, value: 'yes' };

export function erasedTrailers(differences: readonly Difference[]): Trailer[] {
  return differences.map(({ path, before = '-', after = '-' }) => {
    return { key: erasedKey, value: `${before} ${after} ${asWord(path)}` };
  });
}

export function isOurKey(key: string): boolean {
  return key.startsWith('Riad-');
}

export type ReadTrailers = Origin & {
  /** Undefined: not ours, or not here. */
  readonly changes: readonly RecordedChange[] | undefined;
  readonly rewritten: Revision | undefined;
  /** What a commit of somebody else did to files that were erased. */
  readonly erased: readonly Difference[];
};

export function readTrailers(
  parent: Revision | undefined,
  trailers: readonly Trailer[],
): ReadTrailers {
  const values = (key: string): string[] =>
    trailers.flatMap((trailer) => (trailer.key === key ? [trailer.value] : []));
  const one = (key: string): string | undefined => values(key)[0];
  const ours = one(parentKey) === shortened(parent);
  const changes = values(changeKey).map(parseChange);
  return {
    user: ours ? one('Riad-User') : undefined,
    device: ours ? one('Riad-Device') : undefined,
    requestId: ours ? one('Riad-Request') : undefined,
    changes:
      ours && one(foreignKey) === undefined && changes.every((change) => change !== undefined)
        ? changes
        : undefined,
    rewritten: ours ? one(rewrittenKey) : undefined,
    erased: ours ? values(erasedKey).flatMap(parseErased) : [],
  };
}

function parseErased(value: string): Difference[] {
  const match = /^([0-9a-f]{40}|-) ([0-9a-f]{40}|-) (.+)$/.exec(value);
  if (match === null) return [];
  const [, before = '-', after = '-', word = ''] = match;
  const blob = (text: string): string | undefined => (text === '-' ? undefined : text);
  return [{ path: unworded(word), before: blob(before), after: blob(after) }];
}

export function formatChange(change: RecordedChange): string {
  switch (change.type) {
    case 'put': {
      const { sequence, blob } = change;
      return `put ${sequence} ${place(change.collection)} ${word(change.name)} ${blob} ${uidWord(change.uid)}`;
    }
    case 'delete':
      return `delete ${change.sequence} ${place(change.collection)} ${word(change.name)} ${uidWord(change.uid)}`;
    case 'make':
      return `make ${change.sequence} ${split(change.path)} ${change.blob}`;
    case 'remove':
      return `remove ${change.sequence} ${split(change.path)}`;
    case 'describe':
      return `describe ${place(change.collection)} ${change.name === undefined ? '.' : word(change.name)} ${change.blob ?? '-'}`;
  }
}

export function parseChange(value: string): RecordedChange | undefined {
  const [type, ...words] = value.split(' ');
  if (type === 'describe') {
    const [collection, name, blob] = words;
    if (words.length !== 3 || !isBlob(blob, '-')) return undefined;
    return {
      type,
      collection: path(collection!),
      name: name === '.' ? undefined : oneName(name!),
      blob: blob === '-' ? undefined : blob,
    };
  }
  const sequence = /^(?:0|[1-9]\d{0,14})$/.test(words[0] ?? '') ? Number(words[0]) : undefined;
  if (sequence === undefined) return undefined;
  const [, collection, name, fourth, fifth] = words;
  if (type === 'put' && words.length === 5 && isBlob(fourth)) {
    const uid = uidOf(fifth!);
    return {
      type,
      sequence,
      collection: path(collection!),
      name: oneName(name!),
      blob: fourth,
      uid,
    };
  }
  if (type === 'delete' && words.length === 4) {
    const uid = uidOf(fourth!);
    return { type, sequence, collection: path(collection!), name: oneName(name!), uid };
  }
  if (type === 'make' && words.length === 4 && isBlob(fourth)) {
    return { type, sequence, path: [...path(collection!), oneName(name!)], blob: fourth };
  }
  if (type === 'remove' && words.length === 3) {
    return { type, sequence, path: [...path(collection!), oneName(name!)] };
  }
  return undefined;
}

function shortened(parent: Revision | undefined): string {
  return parent?.slice(0, parentDigits) ?? 'none';
}

function place(collection: Path): string {
  return asWord(storedPath(collection));
}

function split(path: Path): string {
  return `${place(path.slice(0, -1))} ${word(path.at(-1)!)}`;
}

function word(name: string): string {
  return asWord(storedName(name));
}

/** A UID is any text; escaped as names are, but in one piece. */
function uidWord(uid: string | undefined): string {
  if (uid === undefined) return '-';
  if (uid === '-') return '%2D';
  return uid.replace(/[\p{Cc}\p{Z}\p{Cs}%\ufeff]/gu, encodeLetter);
}

function encodeLetter(letter: string): string {
  return letter.isWellFormed() ? encodeURIComponent(letter) : '%EF%BF%BD';
}

function uidOf(word: string): string | undefined {
  return word === '-' ? undefined : percentDecoded(word);
}

function path(word: string): string[] {
  return namesOf(word.split('/'));
}

function oneName(word: string): string {
  return path(word).join('/');
}

function isBlob(text: string | undefined, or?: string): text is string {
  return text !== undefined && (text === or || /^[0-9a-f]{40}$/.test(text));
}

/** In one line, as trailers have to be. */
function line(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}
