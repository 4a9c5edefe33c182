/**
 * Canonical order of names (RFC 4034 §6.1) over names in shared memory, wire form, lower case.
 */
import { node } from './layout.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const nodeNameOctet = node.nameOctet;

/** Where each label of a name begins, from the left; filled by `labelStarts`. */
export type LabelStarts = Uint8Array;

export function makeLabelStarts(): LabelStarts {
  return new Uint8Array(128);
}

/** Fills `starts` with the places of the labels of the name at `at`; returns how many there are. */
export function labelStarts(octets: Uint8Array, at: number, starts: LabelStarts): number {
  let labels = 0;
  let i = at;
  for (let length = octets[i]!; length !== 0; length = octets[i]!) {
    starts[labels++] = i - at;
    i += length + 1;
  }
  return labels;
}

/** Compares two names that share their last `common` labels: negative, 0 or positive. */
export function compareCanonical(
  octets: Uint8Array,
  leftAt: number,
  leftStarts: LabelStarts,
  leftLabels: number,
  rightAt: number,
  rightStarts: LabelStarts,
  rightLabels: number,
  common: number,
): number {
  const shorter = Math.min(leftLabels, rightLabels);
  for (let i = common + 1; i <= shorter; i++) {
    let left = leftAt + leftStarts[leftLabels - i]!;
    let right = rightAt + rightStarts[rightLabels - i]!;
    const leftLength = octets[left++]!;
    const rightLength = octets[right++]!;
    const length = Math.min(leftLength, rightLength);
    for (let j = 0; j < length; j++) {
      const difference = octets[left + j]! - octets[right + j]!;
      if (difference !== 0) return difference;
    }
    if (leftLength !== rightLength) return leftLength - rightLength;
  }
  return leftLabels - rightLabels;
}

/** The octet at which the folded name of a node stands. */
export function nameOctetOf(reference: number): number {
  return reference * 8 + nodeNameOctet;
}
