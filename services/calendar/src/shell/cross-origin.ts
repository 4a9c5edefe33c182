/** Pages of other origins in a browser (CORS): which may ask, and what they may see of the answer. */

const methods =
  'GET, HEAD, PUT, DELETE, OPTIONS, PROPFIND, PROPPATCH, MKCOL, MKCALENDAR, COPY, MOVE, LOCK, UNLOCK, REPORT, ACL, POST';
const exposed =
  'ETag, DAV, Allow, Location, Lock-Token, Preference-Applied, Content-Location, Retry-After';
const preflightSeconds = 86_400;

/** Headers for an answer to a page of `origin`; undefined if it may not ask. */
export function crossOrigin(
  origin: string | undefined,
  allowed: readonly string[],
): Record<string, string> | undefined {
  if (origin === undefined) return undefined;
  const every = allowed.includes('*');
  if (!every && !allowed.includes(origin)) return undefined;
  return {
    // By name also where all may: a page sends a password only then.
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': exposed,
  };
}

/** Of a preflight, which carries no password and needs none. `wanted`: the headers the page asks for. */
export function preflight(wanted: string | undefined): Record<string, string> {
  return {
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Allow-Headers': /^[A-Za-z0-9, -]{0,1000}$/.test(wanted ?? '')
      ? (wanted ?? '')
      : '',
    'Access-Control-Max-Age': String(preflightSeconds),
  };
}
