/** `CR:addressbook-query` (RFC 6352 §8.6). */
import { matchesAddressFilter } from '@riad/calendar/query/address-filter';
import { Right } from '../acl/privilege.ts';
import { addressDataIn, parseCard } from '../carddav/address-data.ts';
import { parseAddressFilter } from '../carddav/parse-address-filter.ts';
import { type Context, requireRights } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { type Depth, depthOf } from '../http/depth.ts';
import { preferencesOf } from '../http/prefer.ts';
import { multistatus } from '../multistatus.ts';
import { propertyRequestOf } from '../properties/property-request.ts';
import type { DavResponse } from '../request.ts';
import { contentOf } from '../resources/representation.ts';
import type { MemberNode, Node } from '../tree/node.ts';
import { childOf, type Element, textOf } from '../xml/element.ts';
import { CARDDAV } from '../xml/namespaces.ts';
import { writeCardResponse } from './card-response.ts';
import { candidatesIn, collectionsIn } from './collection-members.ts';
import { writeLimited } from './limited-responses.ts';

export async function addressbookQuery(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  const { context, request } = exchange;
  await requireRights(context, node, Right.read);
  const wanted = propertyRequestOf(root) ?? { type: 'allprop', include: [] };
  const data = addressDataIn(wanted);
  const filter = parseAddressFilter(root);
  const limit = limitIn(root);
  const depth = depthOf(request.headers, 0);
  const { minimal, applied } = preferencesOf(request.headers);
  return multistatus(
    context.engine,
    async function* responses(out) {
      let matches = 0;
      for await (const member of cardsIn(context, node, depth)) {
        const octets = await contentOf(context, member);
        const card = octets && parseCard(octets);
        if (octets === undefined || card === undefined || !matchesAddressFilter(card, filter)) {
          yield 5;
          continue;
        }
        if (++matches > limit) {
          // §8.6.2: the entry is not counted.
          writeLimited(out, node, failed('D:number-of-matches-within-limits'));
          return;
        }
        await writeCardResponse(out, context, member, octets, { wanted, data, minimal });
        yield 10;
      }
    },
    applied,
  );
}

async function* cardsIn(
  context: Context,
  node: Node,
  depth: Depth,
): AsyncGenerator<MemberNode, void> {
  if (node.type === 'member') yield node;
  for await (const book of collectionsIn(context, node, 'address-book', depth)) {
    yield* candidatesIn(context, book, {});
  }
}

function limitIn(root: Element): number {
  const limit = childOf(root, CARDDAV, 'limit');
  const results = limit && childOf(limit, CARDDAV, 'nresults');
  if (results === undefined) return Number.POSITIVE_INFINITY;
  const text = textOf(results).trim();
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new DavError(400, { sentence: 'CR:nresults must be a positive number.' });
}
