/** Times as people read them in histories and commit messages: `Tue 1 Dec 2026 10:00`. English, no locale. */
import { civilOf, secondsPerDay, weekdayOf } from '../values/civil.ts';
import type { CalendarTime } from '../values/date-time.ts';

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function dateText(localSeconds: number): string {
  const dayNumber = Math.floor(localSeconds / secondsPerDay);
  const { year, month, day } = civilOf(dayNumber);
  return `${weekdays[weekdayOf(dayNumber)]} ${day} ${months[month - 1]} ${year}`;
}

export function clockText(localSeconds: number): string {
  const time = localSeconds - Math.floor(localSeconds / secondsPerDay) * secondsPerDay;
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = time % 60 === 0 ? '' : `:${two(time % 60)}`;
  return `${two(Math.floor(time / 3600))}:${two(Math.floor(time / 60) % 60)}${seconds}`;
}

/** `Tue 1 Dec 2026`, `Tue 1 Dec 2026 10:00`, `Tue 1 Dec 2026 10:00 UTC`; other zones are not named. */
export function timeText({ kind, localSeconds }: CalendarTime): string {
  const date = dateText(localSeconds);
  if (kind === 'date') return date;
  return `${date} ${clockText(localSeconds)}${kind === 'utc' ? ' UTC' : ''}`;
}

/** From one time to another, without saying twice what is the same. */
export function moveText(before: CalendarTime, after: CalendarTime): string {
  const from = dateText(before.localSeconds);
  const to = dateText(after.localSeconds);
  if (before.kind === 'date' || after.kind === 'date' || before.kind !== after.kind) {
    return `from ${timeText(before)} to ${timeText(after)}${zoneText(before, after)}`;
  }
  const suffix = after.kind === 'utc' ? ' UTC' : zoneText(before, after);
  if (from === to) {
    const times = `from ${clockText(before.localSeconds)} to ${clockText(after.localSeconds)}`;
    return `${times}${suffix} on ${from}`;
  }
  if (before.localSeconds % secondsPerDay === after.localSeconds % secondsPerDay) {
    return `from ${from} to ${to}, ${clockText(after.localSeconds)}${suffix}`;
  }
  const left = `${from} ${clockText(before.localSeconds)}`;
  return `from ${left} to ${to} ${clockText(after.localSeconds)}${suffix}`;
}

function zoneText(before: CalendarTime, after: CalendarTime): string {
  return before.tzid === after.tzid || after.tzid === undefined ? '' : ` (${after.tzid})`;
}

/** `1 h 30 min`, `2 days` */
export function lengthText(seconds: number): string {
  if (seconds > 0 && seconds % secondsPerDay === 0) {
    const days = seconds / secondsPerDay;
    return days === 1 ? '1 day' : `${days} days`;
  }
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = seconds % 60;
  const parts = [
    hours > 0 ? `${hours} h` : '',
    minutes > 0 ? `${minutes} min` : '',
    rest > 0 || seconds === 0 ? `${rest} s` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}
