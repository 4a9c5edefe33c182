/** If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, in the order of RFC 9110 §13.2.2. */
import { header, type RequestHeaders } from '../request.ts';
import { matchesStrongly, matchesWeakly, parseEtagList } from './etag-list.ts';
import { parseHttpDate } from './http-date.ts';

export type Selected = {
  /** Whether the URL is mapped to anything: what `*` asks for. */
  readonly exists: boolean;
  /** Without quotes; collections have none. */
  readonly etag: string | undefined;
  readonly modifiedSeconds: number | undefined;
};

/** 412, or 304 where the method only reads; undefined: go on. */
export function evaluatePreconditions(
  headers: RequestHeaders,
  selected: Selected,
  reads: boolean,
): 412 | 304 | undefined {
  const ifMatch = header(headers, 'if-match');
  if (ifMatch !== undefined) {
    const list = parseEtagList(ifMatch);
    const holds = list === '*' ? selected.exists : matchesStrongly(list, selected.etag);
    if (!holds) return 412; // §13.1.1
  } else {
    const since = dateOf(headers, 'if-unmodified-since');
    if (since !== undefined && selected.exists && (selected.modifiedSeconds ?? 0) > since)
      return 412;
  }
  const ifNoneMatch = header(headers, 'if-none-match');
  if (ifNoneMatch !== undefined) {
    const list = parseEtagList(ifNoneMatch);
    const matches = list === '*' ? selected.exists : matchesWeakly(list, selected.etag);
    if (matches) return reads ? 304 : 412; // §13.1.2
  } else if (reads && selected.modifiedSeconds !== undefined) {
    const since = dateOf(headers, 'if-modified-since');
    if (since !== undefined && selected.modifiedSeconds <= since) return 304; // §13.1.3
  }
  return undefined;
}

/** A date that cannot be read is as if it had not come (§13.1.3, §13.1.4). */
function dateOf(headers: RequestHeaders, name: string): number | undefined {
  const value = header(headers, name);
  return value === undefined ? undefined : parseHttpDate(value);
}
