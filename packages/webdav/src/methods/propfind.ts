/** PROPFIND (RFC 4918 §9.1). */
import { Right } from '../acl/privilege.ts';
import { requireRights } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { depthOf } from '../http/depth.ts';
import { preferencesOf } from '../http/prefer.ts';
import { eachWritten, multistatus } from '../multistatus.ts';
import { type PropertyRequest, propertyRequestOf } from '../properties/property-request.ts';
import { writeResponse } from '../properties/write-response.ts';
import type { DavResponse } from '../request.ts';
import { requireNode } from '../tree/find-node.ts';
import { childrenOf } from '../tree/list-node.ts';
import { is } from '../xml/element.ts';
import { DAV } from '../xml/namespaces.ts';
import { readXml } from './request-xml.ts';

export async function propfind(exchange: Exchange): Promise<DavResponse> {
  const { context, request, target } = exchange;
  const node = await requireNode(context, target.segments);
  await requireRights(context, node, Right.read);
  const wanted = wantedProperties(exchange);
  const depth = depthOf(request.headers, 'infinity');
  if (depth === 'infinity' && node.type !== 'member') throw failed('D:propfind-finite-depth');
  const { minimal, noRoot, applied } = preferencesOf(request.headers);
  return multistatus(
    context.engine,
    async function* responses(out) {
      if (!noRoot || depth === 0) {
        await writeResponse(out, context, node, wanted, { minimal });
        yield 1;
      }
      if (depth === 0) return;
      const options = { minimal };
      yield* eachWritten(childrenOf(context, node), (child) =>
        writeResponse(out, context, child, wanted, options),
      );
    },
    applied,
  );
}

function wantedProperties({ request, body }: Exchange): PropertyRequest {
  const root = readXml(request, body);
  if (root === undefined) return { type: 'allprop', include: [] }; // §9.1
  const wanted = is(root, DAV, 'propfind') ? propertyRequestOf(root) : undefined;
  if (wanted === undefined) throw new DavError(400, { sentence: 'The body must be D:propfind.' });
  return wanted;
}
