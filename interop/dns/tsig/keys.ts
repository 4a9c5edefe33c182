/** One key for each algorithm, as each program wants to be told. */
import { randomBytes } from 'node:crypto';
import { parseName } from '@riad/dns/name';
import { type HmacAlgorithm, hmacAlgorithms } from '@riad/dns/tsig/hmac';
import type { KeyLookup, TsigKey } from '@riad/dns/tsig/tsig-key';

export const algorithms = Object.keys(hmacAlgorithms) as HmacAlgorithm[];

export type SharedKey = {
  readonly text: string;
  readonly base64: string;
  readonly algorithm: HmacAlgorithm;
  readonly key: TsigKey;
};

export function sharedKeys(): readonly SharedKey[] {
  return algorithms.map((algorithm) => {
    const secret = new Uint8Array(randomBytes(32));
    const text = `${algorithm}._update.tsig.test`;
    return {
      text,
      base64: secret.toBase64(),
      algorithm,
      key: { name: parseName(`${text}.`), algorithm, secret },
    };
  });
}

/** `-y` of dig, nsupdate, kdig and knsupdate. */
export function argumentOf({ algorithm, text, base64 }: SharedKey): string {
  return `${algorithm}:${text}:${base64}`;
}

export function lookupIn(keys: readonly SharedKey[]): KeyLookup {
  return (name, algorithm) =>
    keys
      .map(({ key }) => key)
      .filter((key) => key.algorithm === algorithm && Buffer.compare(key.name, name) === 0);
}
