/** Comma-separated values (RFC 4180): lenient about line ends and separators, strict about quotes. */
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';

/** Rows of a file: as many as an import may have objects. */
export const maxCsvRows = 100_000;

export type Row = { readonly line: number; readonly cells: readonly string[] };

/** The separator is the one of comma, semicolon and tab that the first line has most often. */
export function parseCsv(text: string): Result<readonly Row[], Problem> {
  const start = text.startsWith('\ufeff') ? 1 : 0;
  const separator = separatorOf(
    text.slice(start, text.indexOf('\n') === -1 ? undefined : text.indexOf('\n')),
  );
  const rows: Row[] = [];
  let cells: string[] = [];
  let line = 1;
  let rowLine = 1;
  let at = start;
  const endRow = (): void => {
    // An empty line is no row.
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: rowLine, cells });
    cells = [];
    rowLine = line;
  };
  const wrong = (code: Problem['code']): Result<never, Problem> => ({
    ok: false,
    error: problem(code, line, 0),
  });
  while (at < text.length) {
    if (rows.length > maxCsvRows) return wrong('csv.rows');
    let cell = '';
    if (text[at] === '"') {
      at++;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote === -1) return wrong('csv.quote');
        const part = text.slice(at, quote);
        cell += part;
        for (const character of part) if (character === '\n') line++;
        at = quote + 1;
        if (text[at] !== '"') break;
        cell += '"'; // RFC 4180 §2: a doubled quotation mark is one
        at++;
      }
      const next = text[at];
      if (next !== undefined && next !== separator && next !== '\n' && next !== '\r') {
        return wrong('csv.quote');
      }
    } else {
      let end = at;
      while (
        end < text.length &&
        text[end] !== separator &&
        text[end] !== '\n' &&
        text[end] !== '\r'
      )
        end++;
      cell = text.slice(at, end);
      at = end;
    }
    cells.push(cell);
    if (text[at] === separator) {
      at++;
      if (at === text.length) cells.push('');
      else if (text[at] === '\n' || text[at] === '\r') cells.push('');
      else continue;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    if (at < text.length) {
      at++;
      line++;
    }
    endRow();
  }
  return { ok: true, value: rows };
}

function separatorOf(header: string): string {
  const count = (separator: string): number => header.split(separator).length;
  const commas = count(',');
  if (count(';') > commas) return ';';
  return count('\t') > commas ? '\t' : ',';
}

/** With a byte order mark, without which spreadsheets read UTF-8 wrongly. */
export function formatCsv(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')}`;
}

function formatCell(cell: string): string {
  const guarded = guard(cell);
  return /[",\r\n;]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** A spreadsheet would run what begins like a formula; an apostrophe before it makes it text. */
function guard(cell: string): string {
  return /^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

/** Takes back what `formatCsv` has put before a cell. */
export function unguard(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}
