/** What of others could not be taken, for as long as nobody has dealt with it, which is told by deleting its branch. */
import type { CalendarReport } from '@riad/calendar-store/options';
import type { GitStore } from '@riad/store/git-options';

export class Conflicts {
  /** Branches on which theirs is kept, with what it is about. */
  readonly #kept = new Map<string, string>();

  /** What it is about, in one line. */
  note({ reference, kept }: Extract<CalendarReport, { type: 'conflict' }>): string {
    const about = kept.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
    this.#kept.set(reference, about);
    return about;
  }

  /** One sentence each. */
  complaints(store: Pick<GitStore, 'reference'>): string[] {
    const complaints: string[] = [];
    for (const [reference, about] of this.#kept) {
      if (store.reference(reference) === undefined) this.#kept.delete(reference);
      else complaints.push(`both sides changed the same; theirs is kept as ${reference}: ${about}`);
    }
    return complaints;
  }
}
