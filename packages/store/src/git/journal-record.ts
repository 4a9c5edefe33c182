/**
 * What the journal holds of one move of the head: where from, where to, and the objects that no pack
 * has yet. Big-endian:
 *
 *      0  version, 1
 *      1  the head before, or zeros if there was none
 *     21  the head after, a commit
 *     41  number of objects
 *     45  objects: type (1 commit, 2 tree, 3 blob), id, size, size deflated, deflated content
 */
import { deflateSync, inflateSync, type ZlibOptions } from 'node:zlib';
import { type GitObject, type ObjectId, objectId } from '../history/objects.ts';
import { StoreError } from '../store-error.ts';
import { maxObjectOctets } from './delta.ts';

const version = 1;
const headerOctets = 45;
const objectHeaderOctets = 29;
const types = [undefined, 'commit', 'tree', 'blob'] as const;
const none = '0'.repeat(40);

export type JournalRecord = {
  readonly before: ObjectId | undefined;
  readonly after: ObjectId;
  readonly objects: ReadonlyMap<ObjectId, DeflatedObject>;
};

export type DeflatedObject = GitObject & { readonly deflated: Uint8Array };

/** Half of a tree is ids, which do not deflate: a large one costs more time than it saves room. */
const storedTreeOctets = 4096;

export function deflateObject({ type, content }: GitObject): DeflatedObject {
  const stored = type === 'tree' && content.length > storedTreeOctets;
  return { type, content, deflated: deflateSync(content, deflating(content, stored)) };
}

/**
 * A window and a result as large as the content: making room, and clearing it, is most of what zlib does
 * for small objects.
 */
function deflating({ length }: Uint8Array, stored: boolean): ZlibOptions {
  const chunkSize = length + 64 + (length >> 8);
  if (stored) return { level: 0, chunkSize };
  const windowBits = Math.min(15, Math.max(9, Math.ceil(Math.log2(length + 1))));
  return { windowBits, memLevel: Math.max(1, windowBits - 7), chunkSize };
}

export function encodeJournalRecord({ before, after, objects }: JournalRecord): Uint8Array {
  let length = headerOctets;
  for (const { deflated } of objects.values()) length += objectHeaderOctets + deflated.length;
  const octets = Buffer.alloc(length);
  octets[0] = version;
  octets.write(before ?? none, 1, 'hex');
  octets.write(after, 21, 'hex');
  octets.writeUInt32BE(objects.size, 41);
  let at = headerOctets;
  for (const [id, { type, content, deflated }] of objects) {
    octets[at] = types.indexOf(type as 'blob');
    octets.write(id, at + 1, 'hex');
    octets.writeUInt32BE(content.length, at + 21);
    octets.writeUInt32BE(deflated.length, at + 25);
    octets.set(deflated, at + objectHeaderOctets);
    at += objectHeaderOctets + deflated.length;
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

/** Hashes all objects again. `store.object` if one is not what it is called. */
export function decodeJournalRecord(payload: Uint8Array, sequence: number): JournalRecord {
  const heads = journalRecordHeads(payload, sequence);
  const octets = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const damaged = (cause?: unknown): StoreError =>
    new StoreError('store.object', `journal record ${sequence}`, { cause });
  const objects = new Map<ObjectId, DeflatedObject>();
  let at = headerOctets;
  for (let left = octets.readUInt32BE(41); left > 0; left--) {
    if (at + objectHeaderOctets > octets.length) throw damaged();
    const type = types[octets[at]!];
    const id = octets.toString('hex', at + 1, at + 21);
    const size = octets.readUInt32BE(at + 21);
    const start = at + objectHeaderOctets;
    const end = start + octets.readUInt32BE(at + 25);
    if (type === undefined || size > maxObjectOctets || end > octets.length) throw damaged();
    const deflated = octets.subarray(start, end);
    let content: Uint8Array;
    try {
      content = inflateSync(deflated, { maxOutputLength: size + 1, chunkSize: size + 64 });
    } catch (error) {
      throw damaged(error);
    }
    if (content.length !== size || objectId(type, content) !== id) throw damaged();
    objects.set(id, { type, content, deflated });
    at = end;
  }
  if (at !== octets.length) throw damaged();
  return { ...heads, objects };
}
