/** `CR:addressbook-multiget` (RFC 6352 §8.7). */
import { addressDataIn } from '../carddav/address-data.ts';
import type { Exchange } from '../exchange.ts';
import { preferencesOf } from '../http/prefer.ts';
import { eachWritten, multistatus } from '../multistatus.ts';
import { propertyRequestOf } from '../properties/property-request.ts';
import type { DavResponse } from '../request.ts';
import type { Node } from '../tree/node.ts';
import type { Element } from '../xml/element.ts';
import { writeCardResponse } from './card-response.ts';
import { hrefsIn, wantedMembers, writeMissing } from './multiget-members.ts';

export async function addressbookMultiget(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  const { context, request } = exchange;
  const wanted = propertyRequestOf(root) ?? { type: 'allprop', include: [] };
  const data = addressDataIn(wanted);
  const { minimal, applied } = preferencesOf(request.headers);
  hrefsIn(root);
  return multistatus(
    context.engine,
    (out) =>
      eachWritten(
        wantedMembers(exchange, node, root, 'address-book', data !== undefined),
        ({ href, node: member, octets }) =>
          member === undefined || (data !== undefined && octets === undefined)
            ? writeMissing(out, href)
            : writeCardResponse(out, context, member, octets, { wanted, data, minimal }),
        4,
      ),
    applied,
  );
}
