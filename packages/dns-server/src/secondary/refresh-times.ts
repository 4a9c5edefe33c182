/** When a copy of a zone is looked after: the SOA's own times, within bounds, and the pauses after failures. */

/** What a copy's SOA says about keeping it (RFC 1035 §3.3.13), all but the serial in seconds. */
export type SoaTimes = {
  readonly serial: number;
  readonly refreshSeconds: number;
  readonly retrySeconds: number;
  readonly expireSeconds: number;
};

/** A zone that asks for less would keep its primaries busy, one that asks for more would miss changes. */
export const refreshBoundsSeconds = { least: 60, most: 86_400 } as const;
export const retryBoundsSeconds = { least: 10, most: 3600 } as const;
/** Without a copy nothing is served, so that it is tried more often. */
export const mostRetryWithoutCopySeconds = 600;

export function timesOfSoa(rdata: Uint8Array): SoaTimes {
  const view = new DataView(rdata.buffer, rdata.byteOffset + rdata.length - 20, 20);
  return {
    serial: view.getUint32(0),
    refreshSeconds: view.getUint32(4),
    retrySeconds: view.getUint32(8),
    expireSeconds: view.getUint32(12),
  };
}

export function refreshMs({ refreshSeconds }: SoaTimes): number {
  const { least, most } = refreshBoundsSeconds;
  return Math.min(Math.max(refreshSeconds, least), most) * 1000;
}

/**
 * When to look again at the latest, with so much time left: a copy of a copy may have less left than a
 * refresh takes (RFC 7314 §4), and would else expire again and again while its primary has it.
 */
export function beforeExpiryMs(leftMs: number): number {
  return Math.max(leftMs / 2, retryBoundsSeconds.least * 1000);
}

/**
 * How long to wait after so many rounds in which every primary failed: the zone's retry time, doubled
 * with each round, less up to a quarter, so that zones that failed together do not come back together.
 * `fraction`: random, from 0 to below 1.
 */
export function pauseMs(soa: SoaTimes | undefined, failures: number, fraction: number): number {
  const { least, most } = retryBoundsSeconds;
  const base = soa === undefined ? least : Math.min(Math.max(soa.retrySeconds, least), most);
  const limit = soa === undefined ? mostRetryWithoutCopySeconds : most;
  const seconds = Math.min(base * 2 ** Math.min(failures - 1, 20), limit);
  return Math.round(seconds * 1000 * (1 - fraction / 4));
}

/** RFC 1982 §3.2; serials as far apart as can be have no order. */
export function isNewerSerial(serial: number, than: number): boolean {
  return ((serial - than) | 0) > 0;
}
