/**
 * Counts the changes that each key makes, and holds it to so many in any hour. Minutes are counted, and
 * 61 of them looked at, so that no hour has more however it falls; the clock is an argument.
 */
import { type Name, nameKey } from '@riad/dns/name';

/** Keys counted at a time; those without a change for an hour are forgotten. */
export const maxCountedKeys = 10_000;

const minutesLookedAt = 61;
const secondsPerMinute = 60;

/** The minute it belongs to, and the changes in it, the newest last. */
type Minutes = { readonly minute: number; readonly changes: number }[];

export class ChangeRate {
  readonly #keys = new Map<string, Minutes>();
  readonly #mostKeys: number;
  #latest = 0;

  constructor(mostKeys: number = maxCountedKeys) {
    this.#mostKeys = mostKeys;
  }

  /**
   * Whether a key may make so many changes more, and if so counts them. `nowSeconds`: any clock; where
   * it goes back, it counts as standing still. Keys that find no room are refused.
   */
  take(key: Name, changes: number, perHour: number | undefined, nowSeconds: number): boolean {
    if (perHour === undefined) return true;
    const minute = Math.max(this.#latest, Math.floor(nowSeconds / secondsPerMinute));
    this.#latest = minute;
    const name = nameKey(key);
    const known = this.#keys.get(name);
    const minutes = (known ?? []).filter((each) => minute - each.minute < minutesLookedAt);
    const made = minutes.reduce((sum, each) => sum + each.changes, 0);
    if (made + changes > perHour) return false;
    if (known === undefined && !this.#makeRoom(minute)) return false;
    const last = minutes.at(-1);
    if (last?.minute === minute) {
      minutes[minutes.length - 1] = { minute, changes: last.changes + changes };
    } else {
      minutes.push({ minute, changes });
    }
    this.#keys.set(name, minutes);
    return true;
  }

  #makeRoom(minute: number): boolean {
    if (this.#keys.size < this.#mostKeys) return true;
    for (const [name, minutes] of this.#keys) {
      const newest = minutes.at(-1)?.minute ?? 0;
      if (minute - newest >= minutesLookedAt) this.#keys.delete(name);
    }
    return this.#keys.size < this.#mostKeys;
  }
}
