/**
 * What moves in: people and their collections, whatever server they come from. A source is read into a stream of these
 * by the command line, which may read what the service may not; the service takes them from a file in its state folder,
 * one in each line, and never has more than one commit's worth in memory.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { DeadProperty, StoredAce } from '@riad/webdav/storage/storage';

export type HouseholdUser = {
  readonly type: 'user';
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly emailAddresses?: readonly string[] | undefined;
  /** As the other server kept it (`accounts/old-hash.ts`), or as we do. */
  readonly passwordHash?: string | undefined;
};

export type HouseholdGroup = {
  readonly type: 'group';
  readonly name: string;
  readonly displayName?: string | undefined;
  /** Users, by the names they have here. */
  readonly members: readonly string[];
};

export type HouseholdCollection = {
  readonly type: 'collection';
  readonly owner: string;
  readonly name: string;
  /** Where it lies in the source, for people. */
  readonly from: string;
  readonly kind: 'calendar' | 'address-book';
  readonly components?: readonly string[] | undefined;
  readonly properties: readonly DeadProperty[];
  readonly acl: readonly StoredAce[];
};

/** Of the collection before it. */
export type HouseholdObject = {
  readonly type: 'object';
  readonly name: string;
  readonly from: string;
  readonly octets: Uint8Array;
  readonly properties?: readonly DeadProperty[] | undefined;
  readonly acl?: readonly StoredAce[] | undefined;
};

export type HouseholdItem =
  | HouseholdUser
  | HouseholdGroup
  | HouseholdCollection
  | HouseholdObject
  /** What stays where it is, and why. */
  | { readonly type: 'left'; readonly from: string; readonly reason: string }
  /** What has no counterpart here. */
  | { readonly type: 'remark'; readonly text: string };

/** In this order: users, groups, then each collection with its objects; collections of an owner one after the other. */
export type Household = AsyncIterable<HouseholdItem>;

/** What the file is called that it is handed over in; nothing else is read. */
export const householdName: RegExp = /^takeover-[0-9a-f-]{36}\.jsonl$/;

export function formatItem(item: HouseholdItem): string {
  if (item.type !== 'object') return `${JSON.stringify(item)}\n`;
  const { octets, ...rest } = item;
  return `${JSON.stringify({ ...rest, base64: Buffer.from(octets).toString('base64') })}\n`;
}

function parseItem(line: string): HouseholdItem {
  const { base64, ...item } = JSON.parse(line) as { base64?: string; type: string };
  return (base64 === undefined
    ? item
    : { ...item, octets: Buffer.from(base64, 'base64') }) as unknown as HouseholdItem;
}

export async function* readHousehold(file: string): AsyncGenerator<HouseholdItem> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  for await (const line of lines) if (line !== '') yield parseItem(line);
}
