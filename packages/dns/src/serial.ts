/** Serial numbers of zones: 32 bits that wrap (RFC 1982). */

/**
 * Less than 0 when `a` is older than `b`, more than 0 when it is newer, 0 when they are equal;
 * undefined for two that are just half a circle apart, which have no order (RFC 1982 §3.2).
 */
export function compareSerials(a: number, b: number): number | undefined {
  const distance = (a - b) | 0;
  return distance === -(2 ** 31) ? undefined : distance;
}

/** Whether who has `b` shall take `a`. */
export function isNewerSerial(a: number, b: number): boolean {
  return ((a - b) | 0) > 0; // two without order: neither is newer
}

/** The serial after this one. 0 is left out: RFC 2136 §3.6 has servers reserve it, and some tools treat it as none. */
export function nextSerial(serial: number): number {
  const next = (serial + 1) >>> 0;
  return next === 0 ? 1 : next;
}
