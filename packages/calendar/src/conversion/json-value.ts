/** The JSON that jCal and jCard are made of, and reading it without trusting it. */
import { tolerableName } from '../syntax/content-line.ts';

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };

/** `[name, parameters, type, value, …]` (RFC 7265 §3.4, RFC 7095 §3.3). */
export type JsonProperty = {
  readonly name: string;
  readonly parameters: { readonly [name: string]: Json };
  readonly type: string;
  readonly values: readonly Json[];
};

export function readJsonProperty(json: Json | undefined): JsonProperty | undefined {
  if (!Array.isArray(json)) return undefined;
  const [name, parameters, type, ...values] = json as readonly Json[];
  if (typeof name !== 'string' || typeof type !== 'string' || values.length === 0) return undefined;
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    return undefined;
  }
  // A name goes into a content line as it is.
  if (!tolerableName.test(name)) return undefined;
  return {
    name,
    parameters: parameters as JsonProperty['parameters'],
    type: type.toLowerCase(),
    values,
  };
}

/** `2026-12-01T10:00:00Z` and its parts without dashes and colons; anything else as it is. */
export function basicTime(text: string): string {
  return text
    .replace(/(\d{4})-(\d\d)-(\d\d)/g, '$1$2$3')
    .replace(/T(\d\d):(\d\d):(\d\d)/g, 'T$1$2$3');
}

/** The reverse of `basicTime` (RFC 7265 §3.6.4, §3.6.5). */
export function extendedTime(text: string): string {
  return text
    .trim()
    .replace(/^(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')
    .replace(/T(\d\d)(\d\d)(\d\d)/i, 'T$1:$2:$3');
}

/** `+0130` as `+01:30`. */
export function extendedOffset(text: string): string {
  return text
    .trim()
    .replace(/^([+-]\d\d)(\d\d)(\d\d)?$/, (_, hours, minutes, seconds) =>
      seconds === undefined ? `${hours}:${minutes}` : `${hours}:${minutes}:${seconds}`,
    );
}

/** What stands for a value where a content line wants text; objects and arrays have no business there. */
export function textOfJson(json: Json): string {
  switch (typeof json) {
    case 'string':
      return json;
    case 'number':
    case 'boolean':
      return String(json);
    default:
      return '';
  }
}
