/**
 * A registry of numbers with mnemonics, looked up both ways. Text is looked up octet by octet,
 * without case and without making a string, for every record of a master file does so.
 */
import { foldTable, textFromOctets } from '@riad/octets/ascii';

export class Mnemonics {
  private readonly names: Map<number, string> = new Map();
  private readonly prefix: Uint8Array;
  private readonly slots: Uint16Array;
  private readonly spellings: Uint8Array[] = [];
  private readonly codes: number[] = [];
  private readonly most: number;

  /**
   * `generic` writes unknown numbers: the word before the decimal number, such as TYPE (RFC 3597
   * §5); empty where registries use the bare number. The first mnemonic of a number is the one written.
   */
  constructor(entries: Readonly<Record<string, number>>, generic: string, most: number) {
    const octets = (text: string): Uint8Array =>
      Uint8Array.from(text, (character) => foldTable[character.charCodeAt(0)]!);
    this.prefix = octets(generic);
    this.most = most;
    let size = 16;
    while (size < Object.keys(entries).length * 4) size *= 2;
    this.slots = new Uint16Array(size); // 0: empty; otherwise one more than the index
    for (const [mnemonic, code] of Object.entries(entries)) {
      if (!this.names.has(code)) this.names.set(code, mnemonic);
      const spelling = octets(mnemonic);
      let slot = this.hash(spelling, 0, spelling.length);
      while (this.slots[slot] !== 0) slot = (slot + 1) & (size - 1);
      this.spellings.push(spelling);
      this.codes.push(code);
      this.slots[slot] = this.codes.length;
    }
  }

  /** The number that `text[start..end)` stands for, or -1. */
  find(text: Uint8Array, start: number, end: number): number {
    let slot = this.hash(text, start, end);
    for (;;) {
      const index = this.slots[slot]!;
      if (index === 0) return this.findGeneric(text, start, end);
      if (this.same(this.spellings[index - 1]!, text, start, end)) return this.codes[index - 1]!;
      slot = (slot + 1) & (this.slots.length - 1);
    }
  }

  parse(text: string): number | undefined {
    if (/[^\x21-\x7e]/.test(text)) return undefined;
    const octets = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const code = this.find(octets, 0, octets.length);
    return code < 0 ? undefined : code;
  }

  format(code: number): string {
    return this.names.get(code) ?? `${textFromOctets(this.prefix).toUpperCase()}${code}`;
  }

  has(code: number): boolean {
    return this.names.has(code);
  }

  private findGeneric(text: Uint8Array, start: number, end: number): number {
    const digits = start + this.prefix.length;
    if (digits >= end || end - digits > 5) return -1;
    for (let i = 0; i < this.prefix.length; i++) {
      if (foldTable[text[start + i]!] !== this.prefix[i]) return -1;
    }
    let code = 0;
    for (let at = digits; at < end; at++) {
      const digit = text[at]! - 0x30;
      if (digit < 0 || digit > 9) return -1;
      code = code * 10 + digit;
    }
    return code > this.most ? -1 : code;
  }

  private same(spelling: Uint8Array, text: Uint8Array, start: number, end: number): boolean {
    if (spelling.length !== end - start) return false;
    for (let i = 0; i < spelling.length; i++) {
      if (spelling[i] !== foldTable[text[start + i]!]) return false;
    }
    return true;
  }

  private hash(text: Uint8Array, start: number, end: number): number {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + foldTable[text[at]!]!) | 0;
    return (hash ^ (hash >>> 7)) & (this.slots.length - 1);
  }
}
