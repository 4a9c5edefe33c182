/** Whether two records are the same: names in RDATA have no case where all agree that they have none. */
import { foldTable, textFromOctets } from '@riad/octets/ascii';

/** Where names begin in the RDATA of types whose names are compared without case (RFC 4343 §3); all behind is names. */
const caselessFrom = new Map<number, number>([
  [2, 0], // NS
  [5, 0], // CNAME
  [12, 0], // PTR
  [15, 2], // MX
  [33, 6], // SRV
  [39, 0], // DNAME
]);

/** The octet from which on the RDATA of a type has no case; beyond any RDATA for types that have. */
export function caselessStart(type: number): number {
  return caselessFrom.get(type) ?? 65536;
}

/** Compares `a[aStart..aEnd)` with as many octets of `b`, which may be folded from octet `caseless` on. */
export function sameRdata(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  caseless: number,
): boolean {
  const length = aEnd - aStart;
  for (let i = 0; i < length; i++) {
    const left = a[aStart + i]!;
    const right = b[bStart + i]!;
    if (left !== right && (i < caseless || foldTable[left] !== foldTable[right])) return false;
  }
  return true;
}

/** The same text for RDATA that is the same. */
export function rdataKey(type: number, rdata: Uint8Array): string {
  const caseless = caselessStart(type);
  if (caseless >= rdata.length) return `${type} ${textFromOctets(rdata)}`;
  return `${type} ${textFromOctets(rdata.map((octet, i) => (i < caseless ? octet : foldTable[octet]!)))}`;
}
