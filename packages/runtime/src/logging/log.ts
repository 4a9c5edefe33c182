/** What services and the runtime say about themselves: one event, then fields. */

export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

/** Field values must survive JSON; an `Error` is written with its message, code and stack. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * `event` is a fixed sentence, the same each time (`zone loaded`); what varies goes into fields,
 * so that logs can be searched and hostile input never shapes the text.
 */
export type Log = {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  /** The same log with these fields on every line. */
  with(fields: Fields): Log;
};

/** Says nothing; for tests and tools that only want results. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLog,
};
