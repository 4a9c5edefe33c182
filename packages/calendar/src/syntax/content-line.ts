/**
 * One content line of iCalendar (RFC 5545 §3.1) or vCard (RFC 6350 §3.3), as it was read or as it
 * will be written. What was read keeps its octets: folding, case and order survive (RFC 4791 §5.3.4).
 */

export type Parameter = {
  /** In upper case. */
  readonly name: string;
  /** Without quotation marks, with `^n`, `^^` and `^'` decoded (RFC 6868). Split at commas. */
  readonly values: readonly string[];
  /** As in `TEL;HOME:` of vCard 2.1: the name was missing, and was inferred. */
  readonly bare: boolean;
};

export type ContentLine = {
  /** In upper case. */
  readonly name: string;
  /** As it was written: some apps compare the case of `X-ABLabel`. */
  readonly written: string;
  /** `item1` of `item1.TEL`; vCard only. As written. */
  readonly group: string | undefined;
  readonly parameters: readonly Parameter[];
  /** Unfolded; escapes stand as they were written. */
  readonly value: string;
  /** The document it stands in; undefined for a line that was made here. */
  readonly octets: Uint8Array | undefined;
  /** Its place there, continuation lines and last line break included. */
  readonly start: number;
  readonly end: number;
  /** Number of its first line, from 1; 0 for a line that was made here. */
  readonly line: number;
};

/**
 * Names that are tolerated: printable ASCII without blanks, quotation marks, commas and what ends a
 * name. RFC 5545 §3.1 has letters, digits and dashes.
 */
export const tolerableName: RegExp = /^[!#-+\--9<>-~]+$/;

/** `name` in upper case. */
export function makeLine(
  name: string,
  value: string,
  parameters: readonly Parameter[] = [],
  group?: string,
): ContentLine {
  return {
    name,
    written: name,
    group,
    parameters,
    value,
    octets: undefined,
    start: 0,
    end: 0,
    line: 0,
  };
}

/** A new line in the place of another: its group, and its case where it has the same name. */
export function lineLike(
  line: ContentLine,
  name: string,
  value: string,
  parameters: readonly Parameter[],
): ContentLine {
  const made = makeLine(name, value, parameters, line.group);
  return name === line.name ? { ...made, written: line.written } : made;
}

export function makeParameter(name: string, ...values: readonly string[]): Parameter {
  return { name, values, bare: false };
}

/** The first value of a parameter; undefined if the line has none of that name. */
export function parameterOf(line: ContentLine, name: string): string | undefined {
  for (const parameter of line.parameters) if (parameter.name === name) return parameter.values[0];
  return undefined;
}

/** All values of a parameter, however often it stands there. */
export function parameterValues(line: ContentLine, name: string): readonly string[] {
  const found = line.parameters.filter((parameter) => parameter.name === name);
  return found.length === 1 ? found[0]!.values : found.flatMap((parameter) => parameter.values);
}

/** The same line with a parameter set, or without it. It has no octets any more. */
export function withParameter(
  line: ContentLine,
  name: string,
  ...values: readonly string[]
): ContentLine {
  const kept = line.parameters.filter((parameter) => parameter.name !== name);
  const parameters = values.length === 0 ? kept : [...kept, makeParameter(name, ...values)];
  return lineLike(line, line.name, line.value, parameters);
}

export function withValue(line: ContentLine, value: string): ContentLine {
  return lineLike(line, line.name, value, line.parameters);
}
