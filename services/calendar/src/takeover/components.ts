/** Which kinds of objects a calendar takes: what it said, and what it holds all the same. */
import { calendarComponents } from '@riad/webdav/caldav/calendar-components';

/**
 * Undefined: all. Other servers have not held to what they said; nothing is to be lost for that. Lists of tasks alone
 * stay so, or Apple’s Reminders would not show them.
 */
export function componentsOf(
  declared: readonly string[] | undefined,
  contents: readonly Uint8Array[],
): readonly string[] | undefined {
  const said = (declared ?? [])
    .map((name) => name.trim().toUpperCase())
    .filter((name) => calendarComponents.some((known) => known === name));
  if (said.length === 0) return undefined;
  const held = calendarComponents.filter((name) =>
    contents.some((octets) =>
      Buffer.from(octets.buffer, octets.byteOffset, octets.length).includes(`BEGIN:${name}`),
    ),
  );
  return [...new Set([...said, ...held])];
}
