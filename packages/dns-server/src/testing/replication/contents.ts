/** What a zone consists of, as a number that two zones share when they have the same records, whatever the order. */
import type { Name } from '@riad/dns/name';
import type { ZoneRecord } from '../../zone-image/zone-commit.ts';
import type { ZoneImage } from '../../zone-image/zone-image.ts';
import { forEachRecord } from '../../zone-image/zone-records.ts';

/** How many records, and two sums of 32 bits each over all of them. */
export type Contents = string;

/** Of a hosted zone. */
export function contentsOf(image: ZoneImage, apexName: Name): Contents {
  const sum = new ContentsSum();
  const zone = image.zoneOf(apexName);
  if (zone !== 0) forEachRecord(image, zone, (record) => sum.add(record));
  return sum.contents;
}

export class ContentsSum {
  #records = 0;
  #first = 0;
  #second = 0;

  add({ owner, type, ttlSeconds, rdata }: ZoneRecord): void {
    let a = Math.imul(type, 0x9e3779b1) ^ ttlSeconds;
    let b = Math.imul(ttlSeconds, 0x85ebca77) ^ type;
    for (const octets of [owner, rdata]) {
      a ^= octets.length;
      for (let i = 0; i < octets.length; i++) {
        a = Math.imul(a ^ octets[i]!, 0x01000193);
        b = Math.imul(b + octets[i]!, 0x27d4eb2f) ^ (b >>> 15);
      }
    }
    this.#records++;
    this.#first = (this.#first + mixed(a)) | 0;
    this.#second = (this.#second + mixed(b)) | 0;
  }

  get contents(): Contents {
    return `${this.#records} ${this.#first} ${this.#second}`;
  }
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return Math.imul(once ^ (once >>> 15), 0x846ca68b);
}
