/** What commands take at most, for docs/limits.md. */
import { maxHeldMs } from './backup/held-process.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  maxHeldMs: {
    value: maxHeldMs,
    unit: 'ms for which a backup lets a name server stand still',
    reason: 'Resolvers go elsewhere after some seconds; beyond, it is stopped for its backup.',
  },
};
