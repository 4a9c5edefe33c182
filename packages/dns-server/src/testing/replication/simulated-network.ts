/**
 * A network that loses, delays, repeats and reorders datagrams, cuts streams in the middle, and parts
 * servers from each other for a while. Who is down gets nothing.
 */
import type { Random } from '@riad/octets/testing/random';
import { type LinkKeys, linkOf } from './link-keys.ts';
import type { Source } from './oracle.ts';
import type { VirtualTime } from './virtual-time.ts';

export type Weather = {
  readonly loss: number;
  readonly repeat: number;
  /** Of a stream, with each message. */
  readonly cut: number;
  /** One bit of a message, where it is signed and cannot do harm. */
  readonly tamper: number;
  readonly mostDelayMs: number;
};

/** In any weather. */
export const mostDelayMs = 500;

export const fairWeather: Weather = { loss: 0, repeat: 0, cut: 0, tamper: 0, mostDelayMs: 50 };

/** Whoever can be reached. */
export interface Host {
  readonly address: string;
  /** Changes with each start: what was meant for the process before does not reach the next. */
  readonly life: number;
  readonly up: boolean;
  /** `source`: what the oracle knew when it was sent. */
  datagram(octets: Uint8Array, from: Host, source: Source): void;
  /** The messages that answer one, one after the other; nobody else is asked meanwhile. */
  stream(octets: Uint8Array, from: Host): Iterator<Uint8Array>;
}

export type StreamEnd = 'ended' | 'lost' | 'refused';

export class SimulatedNetwork {
  weather: Weather = fairWeather;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #keys: LinkKeys;
  readonly #parted = new Set<string>();
  tampered = 0;

  constructor(time: VirtualTime, random: Random, keys: LinkKeys) {
    this.#time = time;
    this.#random = random;
    this.#keys = keys;
  }

  part(a: Host, b: Host, forMs: number): void {
    const link = linkOf(a, b);
    this.#parted.add(link);
    this.#time.after(forMs, () => this.#parted.delete(link));
  }

  heal(): void {
    this.#parted.clear();
    this.weather = fairWeather;
  }

  send(from: Host, to: Host, octets: Uint8Array, source?: Source): void {
    const copies = this.#random.chance(this.weather.repeat) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      if (this.#random.chance(this.weather.loss)) continue;
      const { life } = to;
      this.#time.after(this.#delay(), () => {
        if (this.#reaches(from, to, life))
          to.datagram(this.#arrived(octets, from, to), from, source);
      });
    }
  }

  /**
   * Asks over a stream of its own. `message` returns whether it wants more; `end` hears once how it went,
   * unless it did not want more.
   */
  ask(
    from: Host,
    to: Host,
    octets: Uint8Array,
    message: (octets: Uint8Array) => boolean,
    end: (how: StreamEnd) => void,
  ): void {
    const { life } = to;
    const ours = from.life;
    const alive = (): boolean => from.life === ours && from.up;
    // A stream that goes nowhere is given up by who waits.
    const lost = (): void => this.#time.after(10_000, () => void (alive() && end('lost')));
    this.#time.after(this.#delay(), () => {
      if (!alive()) return;
      if (this.#parted.has(linkOf(from, to))) return lost();
      if (!to.up) return end('refused');
      const answers = to.stream(this.#arrived(octets, from, to), from);
      const next = (): void => {
        this.#time.after(this.#delay(), () => {
          if (!alive()) {
            answers.return?.();
            return;
          }
          if (!this.#reaches(from, to, life) || this.#random.chance(this.weather.cut)) {
            answers.return?.();
            return to.up ? end('lost') : lost();
          }
          const answer = answers.next();
          if (answer.done === true) return end('ended');
          if (message(this.#arrived(answer.value, to, from))) next();
          else answers.return?.();
        });
      };
      next();
    });
  }

  /** Octets of their own, as they come out at the other end. */
  #arrived(octets: Uint8Array, from: Host, to: Host): Uint8Array {
    const arrived = octets.slice();
    const random = this.#random;
    if (!random.chance(this.weather.tamper) || this.#keys.between(from, to) === undefined)
      return arrived;
    this.tampered++;
    const at = random.below(arrived.length);
    arrived[at] = arrived[at]! ^ (1 << random.below(8));
    return arrived;
  }

  #reaches(from: Host, to: Host, life: number): boolean {
    return to.up && to.life === life && !this.#parted.has(linkOf(from, to));
  }

  #delay(): number {
    return 1 + this.#random.below(this.weather.mostDelayMs);
  }
}
