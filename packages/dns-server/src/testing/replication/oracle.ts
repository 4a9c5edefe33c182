/**
 * What must be true of servers that copy zones from each other, told apart from how they do it: which
 * contents each serial has, until when each copy may be given out, and that nothing goes back.
 */
import type { Name } from '@riad/dns/name';
import { zoneFlag, zoneVersion } from '../../zone-image/layout.ts';
import type { ZoneImage } from '../../zone-image/zone-image.ts';
import { type Contents, contentsOf } from './contents.ts';

/** When a copy expires, in virtual time: not before and not after. Whole seconds and restarts keep these apart. */
type Copy = { earliest: number; latest: number; restarted: boolean };

/** What was known of who answers, at the moment of the answer; undefined for the primary. */
export type Source =
  | { readonly earliest: number; readonly latest: number; readonly asked: number }
  | undefined;

export class Violation extends Error {
  override readonly name = 'Violation';
}

export class Oracle {
  /** Contents by zone and serial. */
  readonly #contents = new Map<string, Map<number, Contents>>();
  /** The newest serial of each zone that was ever in force. */
  readonly #newest = new Map<string, number>();
  readonly #copies = new Map<string, Copy>();
  readonly #served = new Map<string, number>();
  readonly #seen = new Map<string, { readonly image: ZoneImage; readonly element: number }>();
  /** Copies for which an operator wants what the primary has, whatever its serial. */
  readonly #ordered = new Set<string>();
  looks = 0;

  /** The primary serves this version from now on. */
  published(zone: string, serial: number, image: ZoneImage, apex: Name): void {
    const versions = this.#contents.get(zone) ?? new Map<number, Contents>();
    this.#contents.set(zone, versions);
    const contents = contentsOf(image, apex);
    const known = versions.get(serial);
    if (known !== undefined && known !== contents)
      throw new Violation(`${zone}: two versions have serial ${serial}`);
    versions.set(serial, contents);
    const newest = this.#newest.get(zone);
    if (newest === undefined || ((serial - newest) | 0) > 0) this.#newest.set(zone, serial);
  }

  newest(zone: string): number | undefined {
    return this.#newest.get(zone);
  }

  /** Looks at what a server gives out: a version that there was, whole, and none that is older than before. */
  look(server: string, zone: string, image: ZoneImage, apex: Name, now: number): void {
    this.looks++;
    const key = `${server} ${zone}`;
    const element = image.zoneOf(apex);
    const before = this.#served.get(key);
    if (element === 0) {
      if (before !== undefined) throw new Violation(`${key}: gone`);
      return;
    }
    const serial = image.writer.words[element * 2 + zoneVersion.serial]! >>> 0;
    // What was right is looked at again now and then only.
    const seen = this.#seen.get(key);
    const known = seen?.image === image && seen.element === element && this.looks % 16 !== 0;
    this.#seen.set(key, { image, element });
    const expected = this.#contents.get(zone)?.get(serial);
    if (!known && contentsOf(image, apex) !== expected)
      throw new Violation(`${key}: serial ${serial} with contents that it never had`);
    if (before !== undefined && ((serial - before) | 0) < 0 && !this.#ordered.has(key))
      throw new Violation(`${key}: serial ${serial} after ${before}`);
    this.#served.set(key, serial);
    const copy = this.#copies.get(key);
    if (copy === undefined) return; // the primary’s own
    const withheld =
      (image.writer.words[element * 2 + zoneVersion.flags]! & zoneFlag.withheld) !== 0;
    if (!withheld && now > copy.latest)
      throw new Violation(`${key}: given out ${now - copy.latest} ms after it expired`);
    if (withheld && now < copy.earliest)
      throw new Violation(`${key}: withheld ${copy.earliest - now} ms before it expires`);
  }

  /** When a copy expires as of now, for who asks its server how long it is good. */
  source(server: string, zone: string, now: number): Source {
    const copy = this.#copies.get(`${server} ${zone}`);
    return copy && { earliest: copy.earliest, latest: copy.latest, asked: now };
  }

  /**
   * A server heard at `now` that its version is good: of `source`, as that was at `asked`. A confirmation
   * never takes away (RFC 7314 §4); a version that was transferred begins anew.
   */
  confirmed(
    server: string,
    zone: string,
    expireMs: number,
    anew: boolean,
    source: Source,
    now: number,
  ): void {
    const key = `${server} ${zone}`;
    const granted = (until: number | undefined): number =>
      until === undefined ? expireMs : Math.min(expireMs, Math.max(0, until - source!.asked));
    // What is left is told in whole seconds.
    const earliest = now + granted(source?.earliest) - (source === undefined ? 0 : 1000);
    const latest = now + granted(source?.latest);
    const before = anew ? undefined : this.#copies.get(key);
    this.#copies.set(key, {
      earliest: Math.max(earliest, before?.earliest ?? 0),
      latest: Math.max(latest, before?.latest ?? 0),
      restarted: false,
    });
  }

  /** A server started again from its disk, which has whole seconds of two kinds. */
  restarted(server: string, zone: string): void {
    const copy = this.#copies.get(`${server} ${zone}`);
    if (copy === undefined || copy.restarted) return;
    copy.earliest -= 2000;
    copy.latest += 2000;
    copy.restarted = true;
  }

  /** Its wall clock was moved: until the next confirmation, a restart will be wrong by as much. */
  doubted(server: string, zone: string, byMs: number): void {
    const copy = this.#copies.get(`${server} ${zone}`);
    if (copy === undefined) return;
    copy.earliest -= byMs;
    copy.latest += byMs;
  }

  /** An operator wants what the primary has: its serial may go back. */
  ordered(server: string, zone: string): void {
    this.#ordered.add(`${server} ${zone}`);
  }

  /** It has been done. */
  obeyed(server: string, zone: string): void {
    this.#ordered.delete(`${server} ${zone}`);
  }

  /** A server lost its disk. */
  forgotten(server: string, zone: string): void {
    this.#copies.delete(`${server} ${zone}`);
    this.#served.delete(`${server} ${zone}`);
  }

  served(server: string, zone: string): number | undefined {
    return this.#served.get(`${server} ${zone}`);
  }
}
