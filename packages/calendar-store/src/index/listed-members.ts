/**
 * Members as they are shown, straight out of rows that are arrays with no more columns than that needs: of
 * a calendar of ten thousand, rows as objects with all columns take three times as long as the rest of the answer.
 */
import type { SQLOutputValue } from 'node:sqlite';
import type { Member, Metadata } from '@riad/webdav/storage/storage';
import { noMetadata } from '../layout/descriptions.ts';
import { noDescription } from './draft.ts';
import type { CollectionState, MemberState } from './state.ts';

/** In the order of `memberOfRow`. SQLite makes the digits faster than an array of octets for each row. */
export const listedColumns =
  'name, what, lower(hex(etag)), size, type, metadata, metadata_version, created, modified';

export type ListedRow = readonly SQLOutputValue[];

export function nameOfRow(row: ListedRow): string {
  return row[0] as string;
}

/** 1: a member; 2: a collection; below 0: gone. */
export function whatOfRow(row: ListedRow): number {
  return row[1] as number;
}

export function memberOfRow({ path, kind }: CollectionState, row: ListedRow): Member {
  const metadata = row[5] as string | null;
  return {
    type: 'member',
    path: [...path, row[0] as string],
    kind,
    owner: path[1]!,
    etag: row[2] as string,
    sizeOctets: row[3] as number,
    contentType: (row[4] as string | null) ?? 'text/calendar',
    metadata: metadata === null ? noMetadata : (JSON.parse(metadata) as Metadata),
    metadataVersion: (row[6] as string | null) ?? noDescription,
    createdSeconds: row[7] as number,
    modifiedSeconds: row[8] as number,
  };
}

export function memberOfState({ path, kind }: CollectionState, member: MemberState): Member {
  const { name, etag, sizeOctets, contentType, metadata, metadataVersion } = member;
  const { createdSeconds, modifiedSeconds } = member;
  return {
    type: 'member',
    path: [...path, name],
    kind,
    owner: path[1]!,
    etag,
    sizeOctets,
    contentType,
    metadata,
    metadataVersion,
    createdSeconds,
    modifiedSeconds,
  };
}
