/** Which resource or moment somebody means, as it is written on a command line or in a query. */
import type { Moment } from '@riad/calendar-store/history/calendar-history';
import { CommandError } from '@riad/runtime/service';
import { parseUrlPath } from '@riad/webdav/path/url-path';
import type { Path } from '@riad/webdav/storage/storage';

const areas = new Set(['calendars', 'addressbooks', 'files']);

/** `/calendars/ann/work/x.ics`, `ann/work` for a calendar, or a URL of the service. */
export function pathOf(text: string): Path {
  const path = /^https?:\/\//.test(text) ? new URL(text).pathname : text;
  let segments: Path;
  try {
    ({ segments } = parseUrlPath(path.startsWith('/') ? path : `/${path}`));
  } catch (error) {
    throw new CommandError(`${text}: ${(error as Error).message}`);
  }
  const full = areas.has(segments[0] ?? '') ? segments : ['calendars', ...segments];
  if (full.length < 2) throw new CommandError(`${text}: a path is AREA/USER/COLLECTION/NAME`);
  return full;
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** The time since when, in seconds since 1970. */
export function secondsSince(text: string): number {
  const moment = momentOf(text, nowSeconds());
  if (typeof moment === 'string') throw new CommandError(`${text}: a time is wanted, no commit`);
  return Math.floor(moment.getTime() / 1000);
}

const units: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/** A commit, an ISO time, or how long ago: `30m`, `2h`, `3d`, `1w`. `nowSeconds`: wall clock. */
export function momentOf(text: string, nowSeconds: number): Moment {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text);
  if (ago !== null) return new Date((nowSeconds - Number(ago[1]) * units[ago[2]!]!) * 1000);
  if (/^[0-9a-f]{40}$/.test(text)) return text;
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : undefined;
  if (time !== undefined && !Number.isNaN(time.getTime())) return time;
  throw new CommandError(
    `${text}: no moment: a commit, 2026-12-01, 2026-12-01T10:00Z, or how long ago as 30m, 2h, 3d, 1w`,
  );
}
