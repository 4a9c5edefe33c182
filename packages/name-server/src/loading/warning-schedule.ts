/** Looks at zones in force for what is hardly meant, once there is nothing else to do. */
import { parseName } from '@riad/dns/name';
import type { LastGoodTexts } from './last-good-texts.ts';
import type { LoaderReply } from './loader-messages.ts';

/** A served zone is looked at for what is hardly meant after so long. */
const checkQuietMs = 100;

/** Zones of larger texts are not looked at for what is hardly meant: that would hold up updates. */
export const maxCountedOctets: number = 64 << 10;

export class WarningSchedule {
  readonly #texts: LastGoodTexts;
  /** What completes relative names, where that is not the zone. */
  readonly #origin: Uint8Array | undefined;
  readonly #say: (reply: LoaderReply) => void;
  readonly #toCheck = new Set<string>();
  readonly #checked = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    texts: LastGoodTexts,
    origin: Uint8Array | undefined,
    say: (reply: LoaderReply) => void,
  ) {
    this.#texts = texts;
    this.#origin = origin;
    this.#say = say;
  }

  /** Another text of a zone is served. */
  changed(zone: string, textOctets: number): void {
    if (textOctets > maxCountedOctets) return;
    if (this.#toCheck.size === 0)
      this.#timer = setTimeout(() => void this.#checkNext(), checkQuietMs);
    this.#toCheck.add(zone);
  }

  /** The same text was read again: it is looked at if it never was. */
  seen(zone: string, textOctets: number): void {
    if (!this.#checked.has(zone)) this.changed(zone, textOctets);
  }

  forget(zone: string): void {
    this.#checked.delete(zone);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** One zone at a time, so that what is to be loaded need not wait for long. */
  async #checkNext(): Promise<void> {
    const { warningsOf } = await import('./zone-warnings.ts');
    const [zone] = this.#toCheck;
    if (zone === undefined) return;
    const text = this.#texts.read(zone);
    if (text !== undefined) {
      const warnings = warningsOf(parseName(zone), text, zone, () => undefined, this.#origin);
      this.#checked.add(zone);
      const first = warnings[0]?.message;
      this.#say({ type: 'warnings', zone, count: warnings.length, first });
    }
    this.#toCheck.delete(zone);
    if (this.#toCheck.size > 0) this.#timer = setTimeout(() => void this.#checkNext(), 0);
  }
}
