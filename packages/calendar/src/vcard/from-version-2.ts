/**
 * vCard 2.1 as 3.0 (RFC 2426 §5): names for bare parameters, no quoted-printable, no charset, and
 * commas that are escaped where they mean themselves.
 */
import { type Component, makeComponent } from '../document/document.ts';
import {
  type ContentLine,
  lineLike,
  makeLine,
  makeParameter,
  type Parameter,
} from '../syntax/content-line.ts';
import { splitEscaped } from '../values/text.ts';
import { encodingOf, plainValue, typesOf } from './card-text.ts';

/** Fields at semicolons; the rest is one text. */
const structured: ReadonlySet<string> = new Set(['N', 'ADR', 'ORG']);
/** Values that are no text, in which a comma is a comma. */
const uris: ReadonlySet<string> = new Set(['URL', 'UID', 'REV', 'BDAY', 'TZ', 'GEO', 'VERSION']);
const dropped: ReadonlySet<string> = new Set(['CHARSET', 'ENCODING', 'TYPE']);

export function fromVersion2(card: Component): Component {
  const properties: ContentLine[] = [makeLine('VERSION', '3.0')];
  for (const line of card.properties) if (line.name !== 'VERSION') properties.push(convert(line));
  return makeComponent('VCARD', properties, card.components);
}

function convert(line: ContentLine): ContentLine {
  const { name } = line;
  const parameters: Parameter[] = line.parameters.filter(
    ({ name: parameter }) => !dropped.has(parameter),
  );
  const types = typesOf(line);
  if (types.length > 0) parameters.push(makeParameter('TYPE', ...types));
  if (encodingOf(line) === 'B') {
    // RFC 2426 §5: "b" is what base64 is called; blanks are what was folded.
    parameters.push(makeParameter('ENCODING', 'b'));
    return lineLike(line, name, line.value.replace(/\s/g, ''), parameters);
  }
  const value = plainValue(line);
  if (uris.has(name)) return lineLike(line, name, value.trim(), parameters);
  const fields = structured.has(name) ? splitEscaped(value, ';') : [value];
  return lineLike(line, name, fields.map(escapeField).join(';'), parameters);
}

/** 2.1 knows one escape, that of the semicolon; line breaks come from quoted-printable. */
function escapeField(field: string): string {
  return field
    .replace(/\\([;:])/g, '$1')
    .replace(/\\(?![\\,nN])/g, '\\\\')
    .replace(/(?<!\\)[,;]/g, '\\$&')
    .replace(/\r\n|\r|\n/g, '\\n');
}
