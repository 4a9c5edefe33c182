/** A log whose lines are written by another thread. */
import type { Fields, Level, Log } from '@riad/runtime/logging/log';
import { levels } from '@riad/runtime/logging/log';

export type LogLine = { readonly level: Level; readonly event: string; readonly fields: Fields };

export function threadLog(pass: (line: LogLine) => void, always: Fields = {}): Log {
  const write = levels.map((level) => [
    level,
    (event: string, fields: Fields = {}): void =>
      pass({ level, event, fields: { ...always, ...fields } }),
  ]);
  return {
    ...(Object.fromEntries(write) as Pick<Log, Level>),
    with: (fields) => threadLog(pass, { ...always, ...fields }),
  };
}
