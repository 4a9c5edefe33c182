/**
 * Octets of components. What was read is copied octet for octet; what was made here is written and
 * folded. A component whose content is untouched is best copied whole: `octetsOf`.
 */
import { joinOctets } from '@riad/octets/join';
import { foldText, formatLine } from '../syntax/line-format.ts';
import type { Component } from './document.ts';

/** The octets a component was read from, its blank lines included; undefined if it was made here. */
export function octetsOf(component: Component): Uint8Array | undefined {
  const { begin, end } = component;
  if (begin?.octets === undefined || end?.octets !== begin.octets) return undefined;
  return begin.octets.subarray(begin.start, end.end);
}

export function formatComponent(component: Component): Uint8Array {
  const parts: Uint8Array[] = [];
  append(component, parts);
  return joinOctets(parts);
}

function append(component: Component, parts: Uint8Array[]): void {
  parts.push(component.begin ? formatLine(component.begin) : foldText(`BEGIN:${component.name}`));
  for (const property of component.properties) parts.push(formatLine(property));
  for (const inner of component.components) append(inner, parts);
  parts.push(component.end ? formatLine(component.end) : foldText(`END:${component.name}`));
}
