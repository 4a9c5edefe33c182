/** TEXT (RFC 5545 §3.3.11, RFC 6350 §3.4): its escapes, and lists and structures made of it. */

/** `\n` and `\N` are line breaks; a backslash before anything else is taken away with care for old data. */
export function decodeText(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\([\s\S]?)/g, (_, escaped: string) =>
    escaped === 'n' || escaped === 'N' ? '\n' : escaped,
  );
}

/** Not for vCard 2.1, which has no escape for a comma. */
export function encodeText(text: string): string {
  return text.replace(/[\\;,]|\r\n|\n|\r/g, (found) =>
    /[\r\n]/.test(found) ? '\\n' : `\\${found}`,
  );
}

/** At commas or semicolons that no backslash precedes; parts keep their escapes. */
export function splitEscaped(value: string, separator: ',' | ';'): string[] {
  if (!value.includes('\\')) return value.split(separator);
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '\\') at++;
    else if (value[at] === separator) {
      parts.push(value.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(value.slice(from));
  return parts;
}

/** CATEGORIES, RESOURCES, NICKNAME: a list of TEXT. */
export function decodeTextList(value: string): string[] {
  return splitEscaped(value, ',').map(decodeText);
}

export function encodeTextList(values: readonly string[]): string {
  return values.map(encodeText).join(',');
}

/** N, ADR, ORG, GENDER: fields at semicolons, each a list at commas. */
export function decodeStructure(value: string): string[][] {
  return splitEscaped(value, ';').map(decodeTextList);
}

export function encodeStructure(fields: readonly (readonly string[])[]): string {
  return fields.map(encodeTextList).join(';');
}
