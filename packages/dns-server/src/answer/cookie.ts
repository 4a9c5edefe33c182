/**
 * DNS cookies (RFC 7873) with the interoperable server cookie of RFC 9018: any server with the same
 * secret, of whatever make, accepts it.
 */
import { type SipKey, sipHash24 } from '@riad/octets/siphash';
import { type QueryState, scratchPlace } from './query-state.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const scratchPlaceCookie = scratchPlace.cookie;

/** The secret in use and the one before it, whose cookies still count. */
export type CookieSecrets = { current: SipKey; previous: SipKey | undefined };

/** RFC 9018 §4.3: a cookie may be an hour old, or come from five minutes in the future. */
const maxAgeSeconds = 3600;
const maxAheadSeconds = 300;

/** RFC 9018 §4: client cookie, version, reserved, timestamp, hash. */
export const fullCookieOctets = 24;

/**
 * Checks the cookie of the query and prepares the one to send in the scratch space: the client's,
 * followed by a new server cookie.
 */
export function checkCookie(s: QueryState, secrets: CookieSecrets, unixSeconds: number): void {
  const { octets, view, cookie } = s;
  const reply = s.scratch + scratchPlaceCookie;
  if (s.cookieOctets === fullCookieOctets && octets[cookie + 8] === 1) {
    const made = view.getUint32(cookie + 12);
    const age = (unixSeconds - made) | 0; // RFC 9018 §4.3: serial number arithmetic
    if (age <= maxAgeSeconds && age >= -maxAheadSeconds) {
      copyInput(s, reply, cookie);
      s.cookieIsValid =
        matches(s, secrets.current, reply) ||
        (secrets.previous !== undefined && matches(s, secrets.previous, reply));
    }
  }
  for (let i = 0; i < 8; i++) octets[reply + i] = octets[cookie + i]!;
  view.setUint32(reply + 8, 0x01000000); // version 1, reserved
  view.setUint32(reply + 12, unixSeconds);
  appendAddress(s, reply + 16);
  sipHash24(secrets.current, octets, reply, reply + 16 + s.clientOctets, octets, reply + 16);
}

function copyInput(s: QueryState, to: number, from: number): void {
  for (let i = 0; i < 16; i++) s.octets[to + i] = s.octets[from + i]!;
  appendAddress(s, to + 16);
}

function appendAddress(s: QueryState, to: number): void {
  for (let i = 0; i < s.clientOctets; i++) s.octets[to + i] = s.octets[s.client + i]!;
}

/** Compares in constant time: what differs where is nobody's business. */
function matches(s: QueryState, key: SipKey, input: number): boolean {
  const { octets } = s;
  const hash = input + 40;
  sipHash24(key, octets, input, input + 16 + s.clientOctets, octets, hash);
  let difference = 0;
  for (let i = 0; i < 8; i++) difference |= octets[hash + i]! ^ octets[s.cookie + 16 + i]!;
  return difference === 0;
}
