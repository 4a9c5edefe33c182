/** Making a folder, a calendar or an address book (RFC 4918 §9.3, RFC 4791 §5.3.1, RFC 5689 §3, RFC 6352 §6.3.1). */
import { Right } from '../acl/privilege.ts';
import { calendarComponents } from '../caldav/calendar-components.ts';
import type { Context } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import {
  applyInstructions,
  type PropertyInstruction,
  type PropertyOutcome,
} from '../properties/property-changes.ts';
import type { CollectionKind } from '../storage/storage.ts';
import { isHome } from '../tree/node.ts';
import { attributeOf, childrenOf, type Element, is } from '../xml/element.ts';
import { CALDAV, DAV } from '../xml/namespaces.ts';
import { nameOf, type WritePlan } from './write-plan.ts';
import { requireParent, requireRightsOnParent, type WriteTarget } from './write-target.ts';

/** Per home: clients ask each of them for changes, again and again. */
export const maxCollectionsInHome = 250;

/** One property could not be set, so nothing was made. */
export class PropertiesRefused extends Error {
  override readonly name: string = 'PropertiesRefused';
  readonly outcomes: readonly PropertyOutcome[];
  constructor(outcomes: readonly PropertyOutcome[]) {
    super('a property was refused');
    this.outcomes = outcomes;
  }
}

export async function requireMakeRights(context: Context, target: WriteTarget): Promise<void> {
  await requireRightsOnParent(context, target, Right.bind);
}

export async function planMakeCollection(
  context: Context,
  target: WriteTarget,
  kind: CollectionKind,
  instructions: readonly PropertyInstruction[],
): Promise<WritePlan> {
  const parent = requireParent(target);
  requirePlaceFor(kind, target);
  if (kind !== 'folder') await requireFewer(context, target);
  const { components, others, refused } = takeComponents(kind, instructions);
  const changes = applyInstructions([], others, { calendar: kind === 'calendar' });
  if (changes.properties === undefined || refused !== undefined) {
    throw new PropertiesRefused(
      refused === undefined ? changes.outcomes : [refused, ...changes.outcomes],
    );
  }
  return {
    operations: [
      {
        type: 'make-collection',
        path: target.stored,
        kind,
        components,
        metadata: { properties: changes.properties, acl: [] },
      },
    ],
    requirements: [
      { type: 'absent', path: target.stored },
      { type: 'collection', path: parent.resource.path },
    ],
    summary: `${nameOf(target.stored)} made`,
  };
}

/** Calendars and address books lie directly in their home, and nothing else does (RFC 4791 §4.2). */
export function requirePlaceFor(kind: CollectionKind, { path, stored }: WriteTarget): void {
  const inHome = path.length === 3 && stored.length === 3;
  if (kind === 'calendar' && (stored[0] !== 'calendars' || !inHome)) {
    throw failed('C:calendar-collection-location-ok');
  }
  if (kind === 'address-book' && (stored[0] !== 'addressbooks' || !inHome)) {
    throw failed('CR:addressbook-collection-location-ok');
  }
  if (kind === 'folder' && (stored[0] !== 'files' || isHome(stored))) {
    throw failed('D:valid-resourcetype', {
      sentence: 'Plain folders are made below /files/ only.',
    });
  }
  if (stored[0] !== 'files' && nameOf(stored).includes('~')) throw failed('R:name-reserved');
}

async function requireFewer(context: Context, target: WriteTarget): Promise<void> {
  let count = 0;
  const home = target.stored.slice(0, 2);
  for await (const page of context.view.members(home, maxCollectionsInHome)) count += page.length;
  if (count < maxCollectionsInHome) return;
  throw new DavError(507, { sentence: 'There are too many collections in this home.' });
}

type Components = {
  readonly components: readonly string[] | undefined;
  readonly others: readonly PropertyInstruction[];
  readonly refused: PropertyOutcome | undefined;
};

/** Which components a calendar takes is settled when it is made (RFC 4791 §5.2.3). */
function takeComponents(
  kind: CollectionKind,
  instructions: readonly PropertyInstruction[],
): Components {
  let components: string[] | undefined;
  let refused: PropertyOutcome | undefined;
  const others: PropertyInstruction[] = [];
  for (const instruction of instructions) {
    const { element } = instruction;
    if (is(element, DAV, 'resourcetype')) continue; // said by the kind
    const sets = is(element, CALDAV, 'supported-calendar-component-set');
    if (!sets || kind !== 'calendar' || instruction.type !== 'set') {
      others.push(instruction);
      continue;
    }
    components = componentsIn(element);
    if (components === undefined) {
      const failure = failed('C:supported-calendar-component', {
        sentence: `A calendar may hold ${calendarComponents.join(', ')}.`,
      });
      refused = { namespace: element.namespace, name: element.name, failure };
    }
  }
  return { components, others, refused };
}

function componentsIn(element: Element): string[] | undefined {
  const names = childrenOf(element, CALDAV, 'comp')
    .map((comp) => (attributeOf(comp, 'name') ?? '').toUpperCase())
    // Some clients list it; it goes along with any component.
    .filter((name) => name !== 'VTIMEZONE' && name !== 'VALARM');
  const known: readonly string[] = calendarComponents;
  if (names.length === 0 || names.some((name) => !known.includes(name))) return undefined;
  return [...new Set(names)];
}
