/**
 * One JSON object a line on standard error, written by pino. Loading pino takes some 35 ms, which
 * a name server that restarts would rather answer in: lines wait in memory, with the time they
 * were said, until `load` has run; `flush` writes what still waits when the process must end.
 */
import { writeSync } from 'node:fs';
import { type Fields, type Level, type Log, levels } from './log.ts';

export type JsonLog = Log & {
  /** Brings in pino; call it once the service answers. */
  load(): Promise<void>;
  /** Writes the lines that wait, pino or not. */
  flush(): void;
};

type Line = { time: string; level: Level; event: string } & Record<string, unknown>;
type Write = (line: Line) => void;

/** So many lines wait at most; a service that says more before it is ready loses the later ones. */
export const waitingLines = 1000;

export function jsonLog(lowest: Level, base: Fields, descriptor = 2): JsonLog {
  const waiting: Line[] = [];
  let write: Write = (line) => {
    if (waiting.length < waitingLines) waiting.push(line);
  };
  const flush = (): void => {
    for (const line of waiting.splice(0)) writeSync(descriptor, `${JSON.stringify(line)}\n`);
  };
  const load = async (): Promise<void> => {
    const { pino } = await import('pino');
    const logger = pino(
      {
        level: lowest,
        base: null,
        timestamp: false,
        messageKey: 'event',
        formatters: { level: (level) => ({ level }) },
      },
      pino.destination({ fd: descriptor, sync: true }),
    );
    write = ({ level, event, ...rest }) => logger[level](rest, event);
    for (const line of waiting.splice(0)) write(line);
  };
  const log = withFields(lowest, base, (line) => write(line));
  return { ...log, load, flush };
}

function withFields(lowest: Level, base: Fields, write: Write): Log {
  const say =
    (level: Level) =>
    (event: string, fields: Fields = {}): void => {
      if (levels.indexOf(level) < levels.indexOf(lowest)) return;
      const time = new Date().toISOString();
      write({ time, level, event, ...plain(base), ...plain(fields) });
    };
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    with: (fields) => withFields(lowest, { ...base, ...fields }, write),
  };
}

function plain(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error
        ? { message: value.message, code: (value as { code?: unknown }).code, stack: value.stack }
        : typeof value === 'bigint'
          ? String(value)
          : value,
    ]),
  );
}
