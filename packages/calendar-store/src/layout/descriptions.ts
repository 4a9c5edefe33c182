/** The files that describe collections and members: JSON, for people to read and for git to merge. */
import type {
  CollectionKind,
  DeadProperty,
  Metadata,
  StoredAce,
} from '@riad/webdav/storage/storage';
import { StorageError } from '../codes.ts';

export type CollectionDescription = {
  readonly kind: CollectionKind;
  readonly components: readonly string[] | undefined;
  /** A new one whenever a collection is made, so that what clients know of an earlier one is not taken for this. */
  readonly incarnation: string;
  readonly createdSeconds: number;
  readonly metadata: Metadata;
};

export type MemberDescription = {
  /** Of plain files whose ending does not tell it. */
  readonly contentType: string | undefined;
  readonly metadata: Metadata;
};

export const noMetadata: Metadata = { properties: [], acl: [] };
const kinds: readonly CollectionKind[] = ['folder', 'calendar', 'address-book'];
/** Of a file that describes something; so many properties no client sets. */
export const maxDescriptionOctets: number = 1 << 20;

export function encodeCollection(description: CollectionDescription, owner: string): Uint8Array {
  const { kind, components, incarnation, createdSeconds, metadata } = description;
  const created = new Date(createdSeconds * 1000).toISOString().replace('.000', '');
  return encode({
    kind,
    owner,
    ...(components === undefined ? {} : { components }),
    created,
    incarnation,
    ...parts(metadata),
  });
}

export function decodeCollection(octets: Uint8Array, file: string): CollectionDescription {
  const value = decode(octets, file);
  const { kind, components, created, incarnation } = value;
  const createdMs = Date.parse(String(created));
  const wrong = (what: string): StorageError =>
    new StorageError('storage.format', `${file}: ${what}`);
  if (!kinds.includes(kind as CollectionKind)) throw wrong('kind');
  if (components !== undefined && !isTexts(components)) throw wrong('components');
  if (typeof incarnation !== 'string' || !/^[A-Za-z0-9]{8,40}$/.test(incarnation)) {
    throw wrong('incarnation');
  }
  if (Number.isNaN(createdMs)) throw wrong('created');
  return {
    kind: kind as CollectionKind,
    components,
    incarnation,
    createdSeconds: Math.floor(createdMs / 1000),
    metadata: metadataOf(value, wrong),
  };
}

/** Undefined if there is nothing to say. */
export function encodeMember(description: MemberDescription): Uint8Array | undefined {
  const { contentType, metadata } = description;
  const { properties, acl } = metadata;
  if (contentType === undefined && properties.length === 0 && acl.length === 0) return undefined;
  return encode({ ...(contentType === undefined ? {} : { contentType }), ...parts(metadata) });
}

export function decodeMember(octets: Uint8Array, file: string): MemberDescription {
  const value = decode(octets, file);
  const { contentType } = value;
  const wrong = (what: string): StorageError =>
    new StorageError('storage.format', `${file}: ${what}`);
  if (contentType !== undefined && typeof contentType !== 'string') throw wrong('contentType');
  return { contentType, metadata: metadataOf(value, wrong) };
}

function parts({ properties, acl }: Metadata): object {
  return {
    ...(properties.length === 0 ? {} : { properties }),
    ...(acl.length === 0 ? {} : { acl }),
  };
}

function encode(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}

function decode(octets: Uint8Array, file: string): Record<string, unknown> {
  if (octets.length > maxDescriptionOctets)
    throw new StorageError('storage.format', `${file}: size`);
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets));
    if (isRecord(value)) return value;
  } catch (cause) {
    throw new StorageError('storage.format', file, { cause });
  }
  throw new StorageError('storage.format', file);
}

function metadataOf(
  { properties = [], acl = [] }: Record<string, unknown>,
  wrong: (what: string) => StorageError,
): Metadata {
  if (!Array.isArray(properties) || !properties.every(isProperty)) throw wrong('properties');
  if (!Array.isArray(acl) || !acl.every(isAce)) throw wrong('acl');
  return { properties, acl };
}

function isProperty(value: unknown): value is DeadProperty {
  return (
    isRecord(value) &&
    typeof value['namespace'] === 'string' &&
    typeof value['name'] === 'string' &&
    typeof value['xml'] === 'string'
  );
}

const everybody = ['all', 'authenticated', 'unauthenticated', 'self', 'owner'];

function isAce(value: unknown): value is StoredAce {
  if (!isRecord(value) || !isRecord(value['principal'])) return false;
  const { kind, name } = value['principal'];
  const known =
    everybody.includes(String(kind)) ||
    ((kind === 'user' || kind === 'group') && typeof name === 'string');
  return (
    known &&
    typeof value['invert'] === 'boolean' &&
    typeof value['grant'] === 'boolean' &&
    isTexts(value['privileges'])
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
