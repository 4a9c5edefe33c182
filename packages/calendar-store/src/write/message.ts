/** What a commit says to people: what has changed, by which request, from which client. */
import type { Person } from '@riad/store/store';
import type { Actor } from '@riad/webdav/storage/storage';

/** A request line and a client’s name; more tells nobody anything. */
const maxLineLetters = 500;

export function messageOf(summary: string, { method, target, userAgent, device }: Actor): string {
  const client = [userAgent, device === undefined ? undefined : `on ${device}`];
  const lines = [
    oneLine(summary) || 'change',
    '',
    oneLine(`${method} ${target}`),
    oneLine(client.filter((part) => part !== undefined).join(' ')),
  ];
  return lines.join('\n').trimEnd();
}

export function authorOf({ user }: Actor): Person {
  const name = oneLine(user.replace(/[<>]/g, ''));
  return { name: name === '' ? 'nobody' : name, email: '' };
}

function oneLine(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return line.length > maxLineLetters ? `${line.slice(0, maxLineLetters).toWellFormed()}…` : line;
}
