/**
 * What the journal holds of one move of the head: where from, where to, and the objects that no pack
 * has yet. Big-endian:
 *
 *      0  version, 2
 *      1  the head before, or zeros if there was none
 *     21  the head after, a commit
 *     41  number of objects
 *     45  objects: type (1 commit, 2 tree, 3 blob; 128 more for a delta), id, size, octets that follow,
 *         deflated content; of a delta: the id of its base, which came before, and the delta
 */
import { inflateSync } from 'node:zlib';
import { atOnce, type Pieces } from '@riad/octets/pieces';
import { type GitObject, type ObjectId, objectId, type StagedObject } from '../history/objects.ts';
import { StoreError } from '../store-error.ts';
import { deflateElsewhere, deflateObject } from './deflate.ts';
import { applyDelta, encodeDelta, maxDeltaOctets, maxObjectOctets } from './delta.ts';

const version = 2;
const headerOctets = 45;
const objectHeaderOctets = 29;
const idOctets = 20;
const types = [undefined, 'commit', 'tree', 'blob'] as const;
const isDelta = 128;
const none = '0'.repeat(40);

export type JournalRecord = {
  readonly before: ObjectId | undefined;
  readonly after: ObjectId;
  readonly objects: ReadonlyMap<ObjectId, EncodedObject>;
};

/** An object with what is written of it: its content deflated, or how it comes out of another one. */
export type EncodedObject = GitObject & {
  readonly encoded:
    | { readonly deflated: Uint8Array }
    | { readonly base: ObjectId; readonly delta: Uint8Array };
};

/** A delta where it has less than half the octets. */
export function encodeObject({ type, content, from }: StagedObject): EncodedObject {
  if (from !== undefined) {
    const { base, baseOctets, splices } = from;
    if (maxDeltaOctets(baseOctets, splices) < content.length / 2) {
      const delta = encodeDelta(baseOctets, content.length, splices);
      return { type, content, encoded: { base, delta } };
    }
  }
  return { type, content, encoded: { deflated: deflateObject({ type, content }) } };
}

/** Content that takes longer to deflate than a thread takes to begin: a millisecond. */
export const elsewhereOctets = 65_536;

/** The same without keeping this thread busy. */
export async function encodeObjectElsewhere(object: StagedObject): Promise<EncodedObject> {
  const { type, content } = object;
  if (type === 'tree' || content.length < elsewhereOctets) return encodeObject(object);
  return { type, content, encoded: { deflated: await deflateElsewhere(content) } };
}

function encodedOctets({ encoded }: EncodedObject): number {
  return 'base' in encoded ? idOctets + encoded.delta.length : encoded.deflated.length;
}

export function encodeJournalRecord(record: JournalRecord): Uint8Array {
  return atOnce(encodingJournalRecord(record));
}

/** Objects that are written between two pauses. */
const objectsOfPiece = 256;

/** The same in pieces. */
export function* encodingJournalRecord({
  before,
  after,
  objects,
}: JournalRecord): Pieces<Uint8Array> {
  let length = headerOctets;
  for (const object of objects.values()) length += objectHeaderOctets + encodedOctets(object);
  const octets = Buffer.allocUnsafe(length);
  octets[0] = version;
  octets.write(before ?? none, 1, 'hex');
  octets.write(after, 21, 'hex');
  octets.writeUInt32BE(objects.size, 41);
  let at = headerOctets;
  let written = 0;
  for (const [id, object] of objects) {
    if (++written % objectsOfPiece === 0) yield;
    const { type, content, encoded } = object;
    const following = encodedOctets(object);
    octets[at] = types.indexOf(type as 'blob') | ('base' in encoded ? isDelta : 0);
    octets.write(id, at + 1, 'hex');
    octets.writeUInt32BE(content.length, at + 21);
    octets.writeUInt32BE(following, at + 25);
    at += objectHeaderOctets;
    if ('base' in encoded) {
      octets.write(encoded.base, at, 'hex');
      octets.set(encoded.delta, at + idOctets);
    } else octets.set(encoded.deflated, at);
    at += following;
  }
  return octets;
}

/** Where a record leads from and to, without looking at its objects. */
export function journalRecordHeads(
  payload: Uint8Array,
  sequence: number,
): Pick<JournalRecord, 'before' | 'after'> {
  const octets = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  if (octets.length < headerOctets || octets[0] !== version) {
    throw new StoreError('store.object', `journal record ${sequence}`);
  }
  const before = octets.toString('hex', 1, 21);
  return { before: before === none ? undefined : before, after: octets.toString('hex', 21, 41) };
}

/**
 * Hashes all objects again; `there` has what came before. `store.object` if one is not what it is called.
 */
export function decodeJournalRecord(
  payload: Uint8Array,
  sequence: number,
  there: (id: ObjectId) => GitObject | undefined,
): JournalRecord {
  const heads = journalRecordHeads(payload, sequence);
  const octets = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const damaged = (cause?: unknown): StoreError =>
    new StoreError('store.object', `journal record ${sequence}`, { cause });
  const objects = new Map<ObjectId, EncodedObject>();
  let at = headerOctets;
  for (let left = octets.readUInt32BE(41); left > 0; left--) {
    if (at + objectHeaderOctets > octets.length) throw damaged();
    const type = types[octets[at]! & ~isDelta];
    const id = octets.toString('hex', at + 1, at + 21);
    const size = octets.readUInt32BE(at + 21);
    const start = at + objectHeaderOctets;
    const end = start + octets.readUInt32BE(at + 25);
    if (type === undefined || size > maxObjectOctets || end > octets.length) throw damaged();
    let encoded: EncodedObject['encoded'];
    let content: Uint8Array | undefined;
    try {
      if (octets[at]! & isDelta) {
        const base = octets.toString('hex', start, start + idOctets);
        encoded = { base, delta: octets.subarray(start + idOctets, end) };
        const old = there(base);
        content = old?.type === type ? applyDelta(old.content, encoded.delta) : undefined;
      } else {
        encoded = { deflated: octets.subarray(start, end) };
        const most = { maxOutputLength: size + 1, chunkSize: size + 64 };
        content = inflateSync(encoded.deflated, most);
      }
    } catch (error) {
      throw damaged(error);
    }
    if (content?.length !== size || objectId(type, content) !== id) throw damaged();
    objects.set(id, { type, content, encoded });
    at = end;
  }
  if (at !== octets.length) throw damaged();
  return { ...heads, objects };
}
