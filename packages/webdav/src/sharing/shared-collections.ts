/**
 * Calendars and address books of others in a user’s own home. What is granted to a user, to a group
 * the user is in, or to everybody who has logged in, appears as `/calendars/bob/ann~work/`: the
 * owner’s name, a tilde, the collection’s name. The last tilde divides, and no collection is made
 * with a tilde in its name, so that two never meet.
 *
 * What the user does to it is kept in the metadata of the user’s home: another name, a colour, an
 * order, or that it was left.
 */

import { Right } from '../acl/privilege.ts';
import type { Context } from '../context.ts';
import { DavError } from '../dav-error.ts';
import { elementOf } from '../properties/kept-element.ts';
import type { Collection, DeadProperty, Metadata, StoredAce } from '../storage/storage.ts';
import type { Alias } from '../tree/node.ts';
import { attributeOf, childrenOf, elementsOf } from '../xml/element.ts';
import { RIAD } from '../xml/namespaces.ts';
import { escapeAttribute, serializeElement } from '../xml/serialize-element.ts';

/** More would make the list of a home slow; they are taken by path. */
export const maxSharedCollections = 500;

/** Of what is kept about all of them; it is read for each list of the home. */
export const maxSharedRecordCharacters = 500_000;

const propertyName = 'shared-collections';

export type SharedRecord = { readonly left: boolean; readonly properties: readonly DeadProperty[] };
export type SharedRecords = ReadonlyMap<string, SharedRecord>;

export type SharedCollection = { readonly alias: Alias; readonly collection: Collection };

const none: SharedRecord = { left: false, properties: [] };

export function sharedName(owner: string, name: string): string {
  return `${owner}~${name}`;
}

export function splitSharedName(segment: string): { owner: string; name: string } | undefined {
  const at = segment.lastIndexOf('~');
  if (at <= 0 || at === segment.length - 1) return undefined;
  return { owner: segment.slice(0, at), name: segment.slice(at + 1) };
}

/** Whether a property of the home is this record, which nobody sees or sets. */
export function isSharedRecord({ namespace, name }: DeadProperty): boolean {
  return namespace === RIAD && name === propertyName;
}

/** Everything that is shared with the user and has not been left. */
export async function sharedCollections(
  context: Context,
  area: 'calendars' | 'addressbooks',
  home: Collection,
): Promise<SharedCollection[]> {
  const { user } = context;
  if (user === undefined || home.owner !== user) return [];
  const records = sharedRecords(home.metadata);
  const found: SharedCollection[] = [];
  for await (const collection of context.view.sharedWith(await granteesOf(context, user))) {
    const [first, owner, name] = collection.path;
    if (first !== area || owner === undefined || name === undefined) continue;
    if (owner === user || collection.path.length !== 3 || name.includes('~')) continue;
    const alias = sharedName(owner, name);
    const record = records.get(alias) ?? none;
    if (record.left || ((await context.access.ofResource(collection)) & Right.read) === 0) continue;
    found.push({ alias: { name: alias, user, properties: record.properties }, collection });
    if (found.length >= maxSharedCollections) break;
  }
  return found;
}

/** One of them by its name in the home; undefined unless it is there for this user. */
export async function sharedCollection(
  context: Context,
  area: 'calendars' | 'addressbooks',
  user: string,
  segment: string,
): Promise<SharedCollection | undefined> {
  const split = splitSharedName(segment);
  if (split === undefined || context.user !== user || split.owner === user) return undefined;
  const [home, collection] = await Promise.all([
    context.view.resource([area, user]),
    context.view.resource([area, split.owner, split.name]),
  ]);
  if (home?.type !== 'collection' || collection?.type !== 'collection') return undefined;
  const record = sharedRecords(home.metadata).get(segment) ?? none;
  if (record.left || !(await isGranted(context, collection))) return undefined;
  return { alias: { name: segment, user, properties: record.properties }, collection };
}

/** A right to read by an entry that shares: what the whole world may read is in nobody’s home. */
async function isGranted(context: Context, collection: Collection): Promise<boolean> {
  const rights = await context.access.ofResource(collection);
  if ((rights & Right.read) === 0) return false;
  const groups = await context.access.groups();
  return collection.metadata.acl.some(
    ({ principal }) =>
      principal.kind === 'authenticated' ||
      (principal.kind === 'user' && principal.name === context.user) ||
      (principal.kind === 'group' && groups.has(principal.name)),
  );
}

async function granteesOf(context: Context, user: string): Promise<StoredAce['principal'][]> {
  return [
    { kind: 'authenticated' },
    { kind: 'user', name: user },
    ...[...(await context.access.groups())].map((name) => ({ kind: 'group', name }) as const),
  ];
}

const parsed = new WeakMap<Metadata, SharedRecords>();

export function sharedRecords(metadata: Metadata): SharedRecords {
  const kept = metadata.properties.find(isSharedRecord);
  if (kept === undefined) return new Map();
  let records = parsed.get(metadata);
  if (records === undefined) {
    records = parseRecords(kept);
    parsed.set(metadata, records);
  }
  return records;
}

function parseRecords(kept: DeadProperty): SharedRecords {
  const records = new Map<string, SharedRecord>();
  const root = elementOf(kept);
  for (const element of root === undefined ? [] : childrenOf(root, RIAD, 'collection')) {
    const properties = elementsOf(element).map((property) => ({
      namespace: property.namespace,
      name: property.name,
      xml: serializeElement(property, undefined),
    }));
    const left = attributeOf(element, 'left') === 'yes';
    records.set(attributeOf(element, 'name') ?? '', { left, properties });
  }
  return records;
}

/** The home’s metadata with one record replaced; a record that says nothing is dropped. */
export function withSharedRecord(
  metadata: Metadata,
  alias: string,
  record: SharedRecord,
): Metadata {
  const records = new Map(sharedRecords(metadata));
  if (record.left || record.properties.length > 0) records.set(alias, record);
  else records.delete(alias);
  const properties = metadata.properties.filter((property) => !isSharedRecord(property));
  if (records.size === 0) return { ...metadata, properties };
  const inside = [...records].map(
    ([name, { left, properties }]) =>
      `<collection name="${escapeAttribute(name)}"${left ? ' left="yes"' : ''}>${properties.map(({ xml }) => xml).join('')}</collection>`,
  );
  const xml = `<${propertyName} xmlns="${RIAD}">${inside.join('')}</${propertyName}>`;
  if (xml.length > maxSharedRecordCharacters) throw new DavError(507);
  return { ...metadata, properties: [...properties, { namespace: RIAD, name: propertyName, xml }] };
}

/** Takes back that a user has left a shared collection; undefined if it was not left. */
export function withoutLeaving(metadata: Metadata, alias: string): Metadata | undefined {
  const record = sharedRecords(metadata).get(alias);
  return record?.left ? withSharedRecord(metadata, alias, { ...record, left: false }) : undefined;
}
