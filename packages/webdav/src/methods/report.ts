/** REPORT (RFC 3253 §3.6): which one is said by the body’s root. */
import { noRights } from '../acl/privilege.ts';
import { refusal } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { formatHref } from '../path/url-path.ts';
import { aclPrincipalPropSet } from '../reports/acl-principal-prop-set.ts';
import { addressbookMultiget } from '../reports/addressbook-multiget.ts';
import { addressbookQuery } from '../reports/addressbook-query.ts';
import { calendarMultiget } from '../reports/calendar-multiget.ts';
import { calendarQuery } from '../reports/calendar-query.ts';
import { calendarserverPrincipalSearch } from '../reports/calendarserver-principal-search.ts';
import { expandProperty } from '../reports/expand-property.ts';
import { freeBusyQuery } from '../reports/free-busy-query.ts';
import { principalMatch } from '../reports/principal-match.ts';
import { principalPropertySearch } from '../reports/principal-property-search.ts';
import { principalSearchPropertySet } from '../reports/principal-search-property-set.ts';
import type { Report } from '../reports/report-request.ts';
import { type ReportName, reportsOf } from '../reports/supported-reports.ts';
import { syncCollection } from '../reports/sync-collection.ts';
import type { DavResponse } from '../request.ts';
import { requireNode } from '../tree/find-node.ts';
import { prefixOf } from '../xml/namespaces.ts';
import { readXml } from './request-xml.ts';

const reports: Readonly<Record<ReportName, Report>> = {
  'D:expand-property': expandProperty,
  'D:principal-match': principalMatch,
  'D:principal-property-search': principalPropertySearch,
  'D:principal-search-property-set': principalSearchPropertySet,
  'D:acl-principal-prop-set': aclPrincipalPropSet,
  'D:sync-collection': syncCollection,
  'CS:calendarserver-principal-search': calendarserverPrincipalSearch,
  'C:calendar-query': calendarQuery,
  'C:calendar-multiget': calendarMultiget,
  'C:free-busy-query': freeBusyQuery,
  'CR:addressbook-query': addressbookQuery,
  'CR:addressbook-multiget': addressbookMultiget,
};

export async function report(exchange: Exchange): Promise<DavResponse> {
  const { context, request, target, body } = exchange;
  const node = await requireNode(context, target.segments);
  if ((await context.access.of(node)) === noRights) {
    throw refusal(context, noRights, 0, formatHref(target.segments, false));
  }
  const root = readXml(request, body);
  if (root === undefined) throw new DavError(400, { sentence: 'There is no body.' });
  const name = `${prefixOf(root.namespace)}:${root.name}`;
  const supported = reportsOf(node).find((one) => one === name);
  // RFC 4791 §7.10 has its own word for a free-busy-query on an object: 403 as well.
  if (supported === undefined) throw failed('D:supported-report');
  return reports[supported](exchange, node, root);
}
