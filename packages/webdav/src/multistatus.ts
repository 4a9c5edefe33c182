/**
 * 207 answers (RFC 4918 §13), made as they are sent: a large one neither fills the memory nor keeps
 * others waiting. What fits into a few pieces is given whole, so that it leaves with its length, in one call.
 */
import { joinOctets } from '@riad/octets/join';
import type { Engine } from './engine.ts';
import type { DavResponse } from './request.ts';
import { declarations, xmlDeclaration } from './xml/namespaces.ts';
import { XmlWriter } from './xml/xml-writer.ts';

/** A hundred responses: each piece is a call of the system, and a turn for others. */
export const chunkOctets = 32_768;
/** What is given whole: a hundred calendar objects. */
export const maxWholeOctets = 131_072;
/** A response of some properties is one; a few milliseconds at most between two pauses. */
export const maxWorkUnits = 400;

/**
 * Writes responses and yields what each was of work, in units of one plain response. It yields after
 * what it looked at in vain, too: that is work as well.
 */
export type Responses = (out: XmlWriter) => AsyncIterable<number>;

/** Responses that are written before the next look at how much there is by now. */
const writtenTogether = 16;

/** Writes one response for each, of so much work; where nothing has to be waited for, it does not wait. */
export async function* eachWritten<Item>(
  pages: AsyncIterable<readonly Item[]>,
  write: (item: Item) => void | Promise<void>,
  units: number = 1,
): AsyncGenerator<number, void> {
  for await (const page of pages) {
    let written = 0;
    for (const item of page) {
      const waits = write(item);
      if (waits !== undefined) await waits;
      if (++written % writtenTogether === 0) yield writtenTogether * units;
    }
    yield (written % writtenTogether) * units;
  }
}

export async function multistatus(
  engine: Engine,
  responses: Responses,
  headers: Readonly<Record<string, string>> = {},
  root: string = 'D:multistatus',
  status: number = 207,
): Promise<DavResponse> {
  const pieces = makePieces(engine, responses, root);
  const all = {
    'Content-Type': 'application/xml; charset=utf-8',
    Vary: 'Prefer, Brief',
    ...headers,
  };
  const begun: Uint8Array[] = [];
  for (let octets = 0; octets < maxWholeOctets; ) {
    const piece = await pieces.next();
    if (piece.done)
      return { status, headers: all, body: begun.length === 1 ? begun[0] : joinOctets(begun) };
    begun.push(piece.value);
    octets += piece.value.length;
  }
  return { status, headers: all, body: resume(begun, pieces) };
}

async function* makePieces(
  engine: Engine,
  responses: Responses,
  root: string,
): AsyncGenerator<Uint8Array, void> {
  const out = new XmlWriter();
  out.raw(`${xmlDeclaration}<${root}${declarations}>`);
  let work = 0;
  for await (const units of responses(out)) {
    work += units;
    const full = out.length >= chunkOctets;
    if (full) yield out.take();
    if (full || work >= maxWorkUnits) {
      work = 0;
      await engine.pause();
    }
  }
  out.raw(`</${root}>`);
  yield out.take();
}

async function* resume(
  begun: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* begun;
    yield* rest;
  } finally {
    await rest.return();
  }
}
