/** A whole address book as one .vcf file, and a .vcf file as the cards in it, octet for octet. */
import { joinOctets } from '@riad/octets/join';
import { atOnce, type Pieces } from '@riad/octets/pieces';
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import { parsingDocument, propertyOf } from '../document/document.ts';
import { formatComponent, octetsOf } from '../document/serialise.ts';
import { makeLine } from '../syntax/content-line.ts';
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

/** The same in pieces. */
export function* splittingCards(
  octets: Uint8Array,
  makeUid: () => string,
): Pieces<Result<SplitCards, readonly Problem[]>> {
  const parsed = yield* parsingDocument(octets, { syntax: 'vcard', skipBadLines: true });
  if (!parsed.ok) return parsed;
  const { badLines } = parsed.value;
  const notes = [...parsed.value.notes, ...badLines];
  const cards: SplitCard[] = [];
  let looked = 0;
  for (const card of parsed.value.components) {
    if (++looked % cardsOfPiece === 0) yield;
    const line = card.begin?.line ?? 0;
    if (card.name !== 'VCARD') {
      notes.push(problem('object.kind', line, 1, card.name));
      continue;
    }
    const last = card.end?.line ?? 0;
    if (badLines.some((bad) => bad.line > line && bad.line < last)) continue;
    const uid = propertyOf(card, 'UID')?.value.trim() ?? '';
    if (uid !== '') {
      cards.push({ uid, octets: octetsOf(card)!.slice(), line });
      continue;
    }
    notes.push(problem('tolerated.missing', line, 0, 'UID'));
    const made = makeUid();
    const properties = card.properties.filter(({ name }) => name !== 'UID');
    const [version, ...rest] = properties;
    // RFC 6350 §6.7.9: VERSION comes first.
    const ordered =
      version?.name === 'VERSION'
        ? [version, makeLine('UID', made), ...rest]
        : [makeLine('UID', made), ...properties];
    cards.push({ uid: made, octets: formatComponent({ ...card, properties: ordered }), line });
  }
  return { ok: true, value: { cards, notes } };
}
