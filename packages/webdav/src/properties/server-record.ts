/** What the server keeps for itself among the properties of a home: nobody's property, and nothing that clients set. */
import { isSharedRecord } from '../sharing/shared-collections.ts';
import type { DeadProperty } from '../storage/storage.ts';
import { isPrincipalRecord } from './principal-record.ts';

export function isServerRecord(property: DeadProperty): boolean {
  return isSharedRecord(property) || isPrincipalRecord(property);
}
