import type { DavError } from '../dav-error.ts';
import type { Element } from '../xml/element.ts';
export type Consequence = {
  readonly namespace: string;
  readonly name: string;
  readonly xml: string | undefined;
};
export function checkCalendarProperty(
  _type: 'set' | 'remove',
  _element: Element,
): readonly Consequence[] | DavError {
  return [];
}
