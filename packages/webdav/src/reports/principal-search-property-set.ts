/** `D:principal-search-property-set` (RFC 3744 §9.5): what principals can be searched by. */
import type { Exchange } from '../exchange.ts';
import { multistatus } from '../multistatus.ts';
import { formatHref } from '../path/url-path.ts';
import type { DavResponse } from '../request.ts';
import type { Principal } from '../storage/directory.ts';
import { principalPath } from '../tree/node.ts';
import { requireDepthZero } from './report-request.ts';

export type Searchable = {
  readonly name: string;
  readonly description: string;
  readonly values: (principal: Principal) => readonly string[];
};

export const searchable: readonly Searchable[] = [
  { name: 'D:displayname', description: 'Full name', values: (one) => [one.displayName] },
  {
    name: 'C:calendar-user-address-set',
    description: 'Calendar address',
    values: ({ kind, name, emailAddresses }) => [
      ...emailAddresses.map((address) => `mailto:${address}`),
      formatHref(principalPath(kind, name), true),
    ],
  },
  {
    name: 'C:calendar-user-type',
    description: 'Person or group',
    values: ({ kind }) => [kind === 'user' ? 'INDIVIDUAL' : 'GROUP'],
  },
  {
    name: 'CS:email-address-set',
    description: 'E-mail address',
    values: ({ emailAddresses }) => emailAddresses,
  },
];

export async function principalSearchPropertySet(exchange: Exchange): Promise<DavResponse> {
  requireDepthZero(exchange);
  return multistatus(
    exchange.context.engine,
    async function* responses(out) {
      for (const { name, description } of searchable) {
        out.raw(`<D:principal-search-property><D:prop><${name}/></D:prop>`);
        out.raw(`<D:description xml:lang="en">${description}</D:description>`);
        out.raw('</D:principal-search-property>');
      }
      yield 1;
    },
    {},
    'D:principal-search-property-set',
    200,
  );
}
