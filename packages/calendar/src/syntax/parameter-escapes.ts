/** The characters that a parameter value cannot hold as they are (RFC 6868 §3.1, §3.2). */

export function decodeParameterValue(text: string): string {
  if (!text.includes('^')) return text;
  // "^" before anything else stands for itself (§3.2).
  return text.replace(/\^([n^'])/g, (_, escaped: string) =>
    escaped === 'n' ? '\n' : escaped === "'" ? '"' : '^',
  );
}

/** As it stands after the equals sign: quoted where it must be (RFC 5545 §3.2). */
export function encodeParameterValue(value: string): string {
  const escaped = /[\^\n\r"]/.test(value)
    ? value.replace(/\^|\r\n|\n|\r|"/g, (found) =>
        found === '^' ? '^^' : found === '"' ? "^'" : '^n',
      )
    : value;
  return /[,;:]/.test(escaped) || escaped === '' ? `"${escaped}"` : escaped;
}
