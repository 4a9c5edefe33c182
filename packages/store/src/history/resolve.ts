import type { Revision } from '../store.ts';
import type { History } from './history.ts';

/** What every engine resolves: `head`, a time, a revision whole or abbreviated. */
export async function resolveName(
  history: History,
  head: Revision | undefined,
  name: string | Date,
): Promise<Revision | undefined> {
  if (name instanceof Date) return history.at(name, head);
  if (name === 'head') return head;
  if (!/^[0-9a-f]{7,40}$/.test(name)) return undefined;
  if (name.length === 40) {
    return history.objects.get(name)?.type === 'commit' ? name : undefined;
  }
  return history.abbreviated(name, head);
}
