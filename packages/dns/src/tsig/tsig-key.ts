/** A secret that two parties share, with its name and its algorithm (RFC 8945 §8 says how to choose one). */
import type { Name } from '../name.ts';
import { type HmacAlgorithm, hmacAlgorithms } from './hmac.ts';

export type TsigKey = {
  /** In lower case. */
  readonly name: Name;
  readonly algorithm: HmacAlgorithm;
  readonly secret: Uint8Array;
};

/** The keys of a name (in lower case) and algorithm, the newest first; none where it is not known. */
export type KeyLookup = (name: Name, algorithm: HmacAlgorithm) => readonly TsigKey[];

/** Seconds that clocks may differ (RFC 8945 §10 recommends 300). */
export const defaultFudgeSeconds = 300;

/** What a signature adds to a message, so that room can be kept for it. */
export function signatureOctets({ name, algorithm }: TsigKey): number {
  const { name: algorithmName, octets } = hmacAlgorithms[algorithm];
  return name.length + 10 + algorithmName.length + 16 + octets;
}
