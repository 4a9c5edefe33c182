/** Quota (RFC 4331 §3, §4): one account’s octets, over all its homes. */
import type { LiveProperty } from './live-property.ts';

export const quotaProperties: readonly LiveProperty[] = [
  {
    name: 'D:quota-available-bytes',
    write: async (out, node, { engine, view }) => {
      if (node.type !== 'collection') return false;
      const { owner } = node.resource;
      const quota = (await engine.directory.principal('user', owner))?.quotaOctets;
      if (quota === undefined) return false;
      out.raw(String(Math.max(0, quota - (await view.usedOctets(owner)))));
      return true;
    },
  },
  {
    name: 'D:quota-used-bytes',
    write: async (out, node, { view }) => {
      if (node.type !== 'collection') return false;
      out.raw(String(await view.usedOctets(node.resource.owner)));
      return true;
    },
  },
];
