/** `Prefer` (RFC 7240, RFC 8144) and its forerunner `Brief`. */
import { header, type RequestHeaders } from '../request.ts';

export type Preferences = {
  /** Leave out what only says that something is not there, or that all went well (RFC 8144 §2). */
  readonly minimal: boolean;
  /** Give back what the resource is after a write, or what is there when a condition fails (RFC 8144 §3). */
  readonly representation: boolean;
  /** Leave out the collection itself (RFC 8144 §4). */
  readonly noRoot: boolean;
  /** Headers that say which preferences were heard. */
  readonly applied: Readonly<Record<string, string>>;
};

const none: Preferences = { minimal: false, representation: false, noRoot: false, applied: {} };

export function preferencesOf(headers: RequestHeaders): Preferences {
  const prefer = header(headers, 'prefer');
  const brief = header(headers, 'brief');
  const depth = header(headers, 'depth');
  if (prefer === undefined && brief === undefined && depth === undefined) return none;
  const asked = new Set(
    (prefer ?? '').split(',').map((one) => one.split(';')[0]!.replace(/[\s"]/g, '').toLowerCase()),
  );
  const minimal = asked.has('return=minimal');
  const representation = !minimal && asked.has('return=representation');
  const noRoot = asked.has('depth-noroot');
  const heard = [
    ...(minimal ? ['return=minimal'] : []),
    ...(representation ? ['return=representation'] : []),
    ...(noRoot ? ['depth-noroot'] : []),
  ];
  return {
    minimal: minimal || brief?.trim().toLowerCase() === 't',
    representation,
    noRoot: noRoot || depth?.replace(/\s/g, '').toLowerCase() === '1,noroot',
    applied: heard.length === 0 ? {} : { 'Preference-Applied': heard.join(', ') },
  };
}
