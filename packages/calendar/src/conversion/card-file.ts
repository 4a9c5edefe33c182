/** A whole address book as one .vcf file, and a .vcf file as the cards in it, octet for octet. */
import { joinOctets } from '@riad/octets/join';
import { atOnce, type Pieces } from '@riad/octets/pieces';
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import { type Component, parsingDocument, propertyOf } from '../document/document.ts';
import { formatComponent, octetRuns, octetsOf } from '../document/serialise.ts';
import { makeLine } from '../syntax/content-line.ts';
import { formatLine } from '../syntax/line-format.ts';
import type { AddressObject } from '../vcard/card.ts';

/** One card after the other (RFC 6350 §3.2). */
export function mergeCards(objects: Iterable<AddressObject>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { card } of objects) parts.push(formatComponent(card));
  return joinOctets(parts);
}

export type SplitCard = {
  readonly uid: string;
  readonly octets: Uint8Array;
  /** Line of the file where it begins. */
  readonly line: number;
};

export type SplitCards = {
  readonly cards: readonly SplitCard[];
  readonly notes: readonly Problem[];
};

/**
 * `makeUid` is asked for cards without UID; of two with the same UID both come out. A card with a line
 * that cannot be read is left out, and the line is noted.
 */
export function splitCards(
  octets: Uint8Array,
  makeUid: () => string,
): Result<SplitCards, readonly Problem[]> {
  return atOnce(splittingCards(octets, makeUid));
}

/** Cards that are looked at between two pauses. */
const cardsOfPiece = 64;

/** The same in pieces. Of a card no more is held than where its octets are and what it is known by. */
export function* splittingCards(
  octets: Uint8Array,
  makeUid: () => string,
): Pieces<Result<SplitCards, readonly Problem[]>> {
  const members: Member[] = [];
  const parsed = yield* parsingDocument(octets, {
    syntax: 'vcard',
    skipBadLines: true,
    keeps: (component, depth) => {
      if (depth === 0) members.push(memberOf(component));
      return depth > 0;
    },
  });
  if (!parsed.ok) return parsed;
  const { badLines } = parsed.value;
  const notes = [...parsed.value.notes, ...badLines];
  const cards: SplitCard[] = [];
  let looked = 0;
  for (const { kind, uid, runs, version, line, lastLine } of members) {
    if (++looked % cardsOfPiece === 0) yield;
    if (kind !== 'VCARD') {
      notes.push(problem('object.kind', line, 1, kind));
      continue;
    }
    if (badLines.some((bad) => bad.line > line && bad.line < lastLine)) continue;
    if (uid !== '') {
      cards.push({ uid, octets: joinOctets(runs), line });
      continue;
    }
    notes.push(problem('tolerated.missing', line, 0, 'UID'));
    const made = makeUid();
    const uidLine = formatLine(makeLine('UID', made));
    cards.push({ uid: made, octets: joinOctets([...version, uidLine, ...runs]), line });
  }
  return { ok: true, value: { cards, notes } };
}

type Member = {
  readonly kind: string;
  /** Empty if it has none. */
  readonly uid: string;
  /** What stands before a UID that is made: RFC 6350 §6.7.9, VERSION comes first. */
  readonly version: readonly Uint8Array[];
  /** All, or all behind that; mostly a view of the file. */
  readonly runs: readonly Uint8Array[];
  readonly line: number;
  readonly lastLine: number;
};

function memberOf(card: Component): Member {
  const { name: kind, begin, end } = card;
  const uid = propertyOf(card, 'UID')?.value.trim() ?? '';
  const known = { kind, uid, line: begin?.line ?? 0, lastLine: end?.line ?? 0 };
  if (uid !== '') return { ...known, version: [], runs: [octetsOf(card)!] };
  const properties = card.properties.filter(({ name }) => name !== 'UID');
  const first = properties[0]?.name === 'VERSION' ? properties.splice(0, 1) : [];
  const rest = octetRuns({ ...card, begin: undefined, properties });
  return {
    ...known,
    version: [formatLine(begin!), ...first.map(formatLine)],
    runs: rest.slice(1),
  };
}
