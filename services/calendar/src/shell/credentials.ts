/** Basic authentication (RFC 7617): what stands in the Authorization header. */

export type Credentials = { readonly name: string; readonly password: string };

/** Longer ones are no name and password. */
const maxFieldCharacters = 4096;
/** One for all: making it takes longer than decoding. */
const utf8 = new TextDecoder('utf-8', { fatal: true });
/** RFC 7617 §2 forbids them. */
const control = /\p{Cc}/u;

/** Undefined if it is none. */
export function credentialsOf(field: string | undefined): Credentials | undefined {
  if (field === undefined || field.length > maxFieldCharacters) return undefined;
  const match = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(field);
  if (match === null) return undefined;
  const octets = Buffer.from(match[1]!, 'base64');
  let text: string;
  try {
    text = utf8.decode(octets);
  } catch {
    text = octets.toString('latin1'); // older clients, before RFC 7617 §2.1
  }
  const colon = text.indexOf(':');
  if (colon < 0 || control.test(text)) return undefined;
  // RFC 7617 §2: the first colon; a password may have more.
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** RFC 7617 §2.1. */
export const challenge = 'Basic realm="Riad", charset="UTF-8"';
