/** UTC-OFFSET (RFC 5545 §3.3.14). */

/** In seconds, east is positive; undefined if it is none. `-0000` is read as zero. */
export function parseUtcOffset(text: string): number | undefined {
  const match = /^([+-])(\d\d):?(\d\d)(?::?(\d\d))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, hours, minutes, seconds = '0'] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' && size > 0 ? -size : size;
}

export function formatUtcOffset(offsetSeconds: number): string {
  const size = Math.abs(offsetSeconds);
  const part = (value: number): string => String(value).padStart(2, '0');
  const seconds = size % 60 === 0 ? '' : part(size % 60);
  return `${offsetSeconds < 0 ? '-' : '+'}${part(Math.floor(size / 3600))}${part(Math.floor(size / 60) % 60)}${seconds}`;
}
