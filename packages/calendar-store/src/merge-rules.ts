/** What the store asks about files that others have changed, in the words of calendars. */
import type { MergeFunction, ValidateFunction } from '@riad/store/store';
import { StorageError } from './codes.ts';
import { decodeCollection, decodeMember } from './layout/descriptions.ts';
import { roleOf } from './layout/paths.ts';
import type { CalendarStorageOptions } from './options.ts';

export function mergeRulesOf({
  merge,
  validate,
}: Pick<CalendarStorageOptions, 'merge' | 'validate'>): {
  merge: MergeFunction;
  validate: ValidateFunction;
} {
  return {
    merge: (file, base, ours, theirs) => {
      const role = roleOf(file);
      // Who describes a collection anew while somebody else does has to look at what came first.
      if (role?.type !== 'member' || merge === undefined)
        return { conflict: 'both sides changed it' };
      return merge(role.path, base, ours, theirs);
    },
    validate: (file, octets) => {
      const role = roleOf(file);
      if (role === undefined || octets === undefined) return undefined;
      if (role.type === 'member') return validate?.(role.path, octets);
      try {
        if (role.type === 'collection') decodeCollection(octets, file);
        else decodeMember(octets, file);
        return undefined;
      } catch (error) {
        if (error instanceof StorageError) return error.message;
        throw error;
      }
    },
  };
}
