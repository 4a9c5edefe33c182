/**
 * Setting and removing properties (RFC 4918 §9.2), for PROPPATCH, MKCOL and MKCALENDAR: instructions in
 * document order, all or nothing, each with the status it gets.
 */
import { checkCalendarProperty } from '../caldav/check-calendar-property.ts';
import { DavError, failed } from '../dav-error.ts';
import type { DeadProperty } from '../storage/storage.ts';
import { childOf, type Element, elementsOf, is } from '../xml/element.ts';
import { CALDAV, CARDDAV, DAV } from '../xml/namespaces.ts';
import { languageOf, serializeElement } from '../xml/serialize-element.ts';
import { registeredProperty } from './registry.ts';

/** Of one property; a colour has ten, a time zone some thousand. */
export const maxPropertyOctets = 65_536;
/** Of one resource; clients keep a handful. */
export const maxDeadProperties = 300;

export type PropertyInstruction = {
  readonly type: 'set' | 'remove';
  readonly element: Element;
  /** `xml:lang` of the elements around it. */
  readonly language: string | undefined;
};

export type PropertyOutcome = {
  readonly namespace: string;
  readonly name: string;
  /** Undefined: it went well, or would have. */
  readonly failure: DavError | undefined;
};

/** From `D:propertyupdate`, or the like with only `D:set` in it. */
export function instructionsIn(root: Element): PropertyInstruction[] {
  const instructions: PropertyInstruction[] = [];
  for (const action of elementsOf(root)) {
    const type = is(action, DAV, 'set') ? 'set' : is(action, DAV, 'remove') ? 'remove' : undefined;
    const prop = type && childOf(action, DAV, 'prop');
    if (type === undefined || prop === undefined) continue;
    const language = languageOf(prop) ?? languageOf(action) ?? languageOf(root);
    for (const element of elementsOf(prop)) instructions.push({ type, element, language });
  }
  return instructions;
}

export type PropertyChanges = {
  /** What the properties are afterwards; undefined if an instruction failed. */
  readonly properties: readonly DeadProperty[] | undefined;
  /** Each property once, in the order they came. */
  readonly outcomes: readonly PropertyOutcome[];
};

export type PropertyScope = {
  /** What the resource is; time zones are for calendars. */
  readonly calendar: boolean;
  /** Why a property may not be set here, beyond what holds everywhere. */
  readonly refuse?: (element: Element) => DavError | undefined;
};

export function applyInstructions(
  before: readonly DeadProperty[],
  instructions: readonly PropertyInstruction[],
  scope: PropertyScope,
): PropertyChanges {
  let properties = [...before];
  const outcomes = new Map<string, PropertyOutcome>();
  let failures = 0;
  for (const { type, element, language } of instructions) {
    const { namespace, name } = element;
    const key = `${namespace} ${name}`;
    let failure = checkInstruction(type, element, scope);
    if (failure === undefined) {
      const consequences = scope.calendar ? checkCalendarProperty(type, element) : [];
      if (consequences instanceof DavError) failure = consequences;
      else {
        const changed: DeadProperty[] = [];
        if (type === 'set') {
          changed.push({ namespace, name, xml: serializeElement(element, language) });
        }
        const gone = [element, ...consequences];
        properties = properties.filter(
          (one) =>
            !gone.some((other) => other.namespace === one.namespace && other.name === one.name),
        );
        for (const one of consequences)
          if (one.xml !== undefined) changed.push({ ...one, xml: one.xml });
        properties.push(...changed);
        if (properties.length > maxDeadProperties) failure = new DavError(507);
      }
    }
    if (failure !== undefined) failures++;
    if (failure !== undefined || !outcomes.has(key))
      outcomes.set(key, { namespace, name, failure });
  }
  return {
    properties: failures === 0 ? properties : undefined,
    outcomes: [...outcomes.values()],
  };
}

function checkInstruction(
  type: 'set' | 'remove',
  element: Element,
  scope: PropertyScope,
): DavError | undefined {
  const live = registeredProperty(element.namespace, element.name);
  if ((live !== undefined && !live.kept) || isData(element)) {
    return failed('D:cannot-modify-protected-property');
  }
  const refused = scope.refuse?.(element);
  if (refused !== undefined || type === 'remove') return refused;
  const octets = serializeElement(element, undefined).length;
  return octets > maxPropertyOctets ? new DavError(507) : undefined;
}

/** What reports give as if it were a property, and is none (RFC 4791 §9.6, RFC 6352 §10.4). */
function isData(element: Element): boolean {
  return is(element, CALDAV, 'calendar-data') || is(element, CARDDAV, 'address-data');
}
