/** Which reports a resource serves: what `D:supported-report-set` lists, and nothing else works (RFC 3253 §3.1.5). */
import type { Node } from '../tree/node.ts';

export type ReportName =
  | 'D:expand-property'
  | 'D:principal-match'
  | 'D:principal-property-search'
  | 'D:principal-search-property-set'
  | 'D:acl-principal-prop-set'
  | 'D:sync-collection'
  | 'CS:calendarserver-principal-search'
  | 'C:calendar-query'
  | 'C:calendar-multiget'
  | 'C:free-busy-query'
  | 'CR:addressbook-query'
  | 'CR:addressbook-multiget';

const everywhere: readonly ReportName[] = [
  'D:expand-property',
  'D:principal-match',
  'D:principal-property-search',
  'D:principal-search-property-set',
  'D:acl-principal-prop-set',
  'CS:calendarserver-principal-search',
];
const ofFolders: readonly ReportName[] = [...everywhere, 'D:sync-collection'];
const ofObjects: readonly ReportName[] = [...everywhere, 'C:calendar-query', 'C:calendar-multiget'];
const ofCards: readonly ReportName[] = [
  ...everywhere,
  'CR:addressbook-query',
  'CR:addressbook-multiget',
];
const ofCalendars: readonly ReportName[] = [...ofObjects, 'D:sync-collection', 'C:free-busy-query'];
const ofBooks: readonly ReportName[] = [...ofCards, 'D:sync-collection'];

export function reportsOf(node: Node): readonly ReportName[] {
  if (node.type === 'member') {
    if (node.resource.kind === 'calendar') return ofObjects;
    return node.resource.kind === 'address-book' ? ofCards : everywhere;
  }
  if (node.type !== 'collection') return everywhere;
  if (node.path[0] === 'calendars') return ofCalendars;
  return node.path[0] === 'addressbooks' ? ofBooks : ofFolders;
}
