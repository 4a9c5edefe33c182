/** What tells clients that something has changed, and how to ask what (RFC 6578 §4, RFC 3253 §3.1.5, CS:getctag). */
import { reportsOf } from '../reports/supported-reports.ts';
import { syncTokenOf } from '../sync/sync-token.ts';
import type { LiveProperty } from './live-property.ts';

export const syncProperties: readonly LiveProperty[] = [
  {
    name: 'D:sync-token',
    write: async (out, node, context) => {
      if (node.type !== 'collection') return false;
      out.raw(await syncTokenOf(context, node));
      return true;
    },
  },
  {
    name: 'CS:getctag',
    write: (out, node) => {
      if (node.type !== 'collection' || node.resource.kind === 'folder') return false;
      out.raw(node.resource.syncState);
      return true;
    },
  },
  {
    name: 'D:supported-report-set',
    write: (out, node) => {
      for (const name of reportsOf(node)) {
        out.raw(`<D:supported-report><D:report><${name}/></D:report></D:supported-report>`);
      }
      return true;
    },
  },
];
