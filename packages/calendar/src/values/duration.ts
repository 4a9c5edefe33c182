/** DURATION (RFC 5545 §3.3.6): days follow the wall clock, hours and less are exact. */

export type Duration = {
  /** Weeks are seven. Both parts have the sign of the duration. */
  readonly days: number;
  readonly seconds: number;
};

const pattern =
  /^([+-]?)P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/i;

/** Undefined if it is none. `P1W2D`, which the grammar does not have but some write, is nine days. */
export function parseDuration(text: string): Duration | undefined {
  const match = pattern.exec(text.trim());
  if (match === null || !/\d/.test(text)) return undefined;
  const sign = match[1] === '-' ? -1 : 1;
  const part = (index: number): number => Number(match[index] ?? 0);
  const days = part(2) * 7 + part(3);
  const seconds = part(4) * 3600 + part(5) * 60 + part(6);
  // A sum that is no date any more helps nobody; `+ 0` makes -0 plain.
  if (days > 4_000_000 || seconds > 400_000_000_000) return undefined;
  return { days: sign * days + 0, seconds: sign * seconds + 0 };
}

export function formatDuration({ days, seconds }: Duration): string {
  const sign = days < 0 || seconds < 0 ? '-' : '';
  const wholeDays = Math.abs(days);
  const rest = Math.abs(seconds);
  if (wholeDays > 0 && rest === 0) {
    return wholeDays % 7 === 0 ? `${sign}P${wholeDays / 7}W` : `${sign}P${wholeDays}D`;
  }
  const hours = Math.floor(rest / 3600);
  const minutes = Math.floor(rest / 60) % 60;
  const last = rest % 60;
  const time =
    (hours > 0 ? `${hours}H` : '') +
    // §3.3.6: hours and seconds need the minutes between them.
    (minutes > 0 || (hours > 0 && last > 0) ? `${minutes}M` : '') +
    (last > 0 || rest === 0 ? `${last}S` : '');
  return `${sign}P${wholeDays > 0 ? `${wholeDays}D` : ''}T${time}`;
}

/** Where the clock of no zone matters: every day has 24 hours. */
export function nominalSeconds({ days, seconds }: Duration): number {
  return days * 86_400 + seconds;
}
