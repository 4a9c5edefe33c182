/** The time zones that an object refers to, defines, or lacks (RFC 5545 §3.2.19, RFC 7809). */
import { type Component, propertyOf } from '../document/document.ts';
import { parameterOf } from '../syntax/content-line.ts';
import { ianaZone } from './iana.ts';

/** TZIDs, without blanks around them, in the order in which they come up. */
export function usedTimeZones(calendar: Component): ReadonlySet<string> {
  const used = new Set<string>();
  const visit = (component: Component): void => {
    if (component.name === 'VTIMEZONE') return;
    for (const line of component.properties) {
      if (line.parameters.length === 0) continue;
      const tzid = parameterOf(line, 'TZID')?.trim();
      if (tzid !== undefined && tzid !== '') used.add(tzid);
    }
    component.components.forEach(visit);
  };
  visit(calendar);
  return used;
}

export function definedTimeZones(calendar: Component): ReadonlyMap<string, Component> {
  const defined = new Map<string, Component>();
  for (const component of calendar.components) {
    if (component.name !== 'VTIMEZONE') continue;
    const tzid = propertyOf(component, 'TZID')?.value.trim() ?? '';
    if (!defined.has(tzid)) defined.set(tzid, component);
  }
  return defined;
}

/** Standard: one that IANA lists, which a client may be trusted to know (RFC 7809 §3.1.3). */
export function isStandardTimeZone(tzid: string): boolean {
  return ianaZone(tzid) !== undefined;
}
