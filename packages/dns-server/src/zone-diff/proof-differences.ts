/**
 * What a validating resolver would see differently: signatures, and what proves that there is nothing. A signer makes
 * them anew all the time, so names are counted and not told one by one.
 */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, type Message, type ResourceRecord } from '@riad/dns/message';
import { equalNames, type Name, nameKey } from '@riad/dns/name';
import { rrsig } from '@riad/dns/rdata/rrsig';
import { equalOctets } from '@riad/octets/ascii';
import { Reader } from '@riad/octets/reader';
import type { AskedImage } from './asked-image.ts';
import { typeOfNothing } from './questions.ts';

const { RRSIG, NSEC, NSEC3 } = RecordTypeCode;

/** Of names: those that have signatures on both sides and others now, and so on. */
export type ProofCounts = {
  readonly renewed: number;
  readonly added: number;
  readonly gone: number;
  /** Their NSEC or NSEC3 is another one. */
  readonly denials: number;
};

export class ProofDifferences {
  readonly #old: AskedImage;
  readonly #now: AskedImage;
  readonly #renewed = new Set<string>();
  readonly #added = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #denials = new Set<string>();

  constructor(old: AskedImage, now: AskedImage) {
    this.#old = old;
    this.#now = now;
  }

  /** Asks with DO for a set of a name. */
  lookAtSet(name: Name, type: number): void {
    const sides = this.#ask(name, type);
    if (sides === undefined) return;
    const [before, after] = sides.map(({ answers }) =>
      textOf(answers.filter((one) => equalNames(one.owner, name) && coveredBy(one) === type)),
    );
    this.#note(name, before!, after!);
  }

  /** Asks with DO for what proves that a name, which is in both versions, has nothing else. */
  lookAtDenial(name: Name): void {
    const sides = this.#ask(name, typeOfNothing);
    if (sides === undefined) return;
    const [before, after] = sides.map(({ authorities }) =>
      textOf(authorities.filter(({ type }) => proves(type))),
    );
    if (before === '' && after === '') return;
    if (before !== after) this.#denials.add(nameKey(name));
    const signatures = sides.map(({ authorities }) =>
      textOf(authorities.filter((record) => proves(coveredBy(record)))),
    );
    // Of another record it is another signature in any case.
    if (before === after) this.#note(name, signatures[0]!, signatures[1]!);
  }

  /** Undefined if both say the same. */
  #ask(name: Name, type: number): readonly Message[] | undefined {
    const octets = [this.#old, this.#now].map((image) => image.ask(name, type, true));
    return equalOctets(octets[0]!, octets[1]!) ? undefined : octets.map(messageIn);
  }

  #note(name: Name, before: string, after: string): void {
    if (before === after) return;
    const places = before === '' ? this.#added : after === '' ? this.#gone : this.#renewed;
    places.add(nameKey(name));
  }

  get counts(): ProofCounts {
    return {
      renewed: this.#renewed.size,
      added: this.#added.size,
      gone: this.#gone.size,
      denials: this.#denials.size,
    };
  }
}

function messageIn(octets: Uint8Array): Message {
  const decoded = decodeMessage(octets.slice());
  if (!decoded.ok) throw decoded.error; // ours: that would be our bug
  return decoded.value;
}

function proves(type: number | undefined): boolean {
  return type === NSEC || type === NSEC3;
}

function coveredBy({ type, rdata }: ResourceRecord): number | undefined {
  return type === RRSIG ? rrsig.decode(new Reader(rdata)).covered : undefined;
}

function textOf(records: readonly ResourceRecord[]): string {
  return records
    .map(({ owner, type, rdata }) => `${nameKey(owner)} ${type} ${rdata.toHex()}`)
    .sort()
    .join('\n');
}
