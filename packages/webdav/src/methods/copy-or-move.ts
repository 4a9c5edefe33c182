/** What COPY and MOVE have in common: MOVE is a COPY and a DELETE, in one (RFC 4918 §9.9). */
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { depthOf } from '../http/depth.ts';
import { localPath } from '../http/destination.ts';
import { formatHref, samePath, type UrlPath } from '../path/url-path.ts';
import { type DavRequest, type DavResponse, header } from '../request.ts';
import { type CopyGoal, planCopy, requireCopyRights } from '../resources/copy-resource.ts';
import { submittedWith } from '../resources/if-conditions.ts';
import { formatEtag } from '../resources/representation.ts';
import { requirePreconditions, requireTokens } from '../resources/write-conditions.ts';
import { carryOut } from '../resources/write-plan.ts';
import { findWriteTarget } from '../resources/write-target.ts';
import { requireNode } from '../tree/find-node.ts';

export async function copyOrMove(exchange: Exchange, moves: boolean): Promise<DavResponse> {
  const { context, request, target, actor } = exchange;
  const destinationPath = destinationOf(request);
  const aim = await findWriteTarget(context, target.segments);
  if (aim.node === undefined)
    throw await requireNode(context, target.segments).then(() => new DavError(404));
  const depth = depthOf(request.headers, 'infinity');
  if (depth === 1 || (moves && depth === 0 && aim.node.type === 'collection')) {
    throw new DavError(400, { sentence: 'This Depth is not one of the method.' });
  }
  const goal: CopyGoal = {
    source: { ...aim, node: aim.node },
    destination: await findWriteTarget(context, destinationPath.segments),
    move: moves,
    shallow: depth === 0,
  };
  await requireCopyRights(context, goal);
  const { stored, node } = goal.destination;
  const { tokens, requirements } = await submittedWith(exchange);
  requireTokens(context, tokens, {
    membership: [stored, ...(moves ? [aim.stored] : [])],
    trees: [stored, ...(moves ? [aim.stored] : [])],
  });
  await requirePreconditions(exchange, aim.node);
  const plan = await planCopy(context, goal);
  // §10.6: the plan has said already what no Overwrite could allow.
  if (node !== undefined && header(request.headers, 'overwrite')?.trim().toUpperCase() === 'F') {
    throw new DavError(412, { sentence: 'There is something at the destination.' });
  }
  await carryOut(context, plan, actor, requirements);
  const headers: Record<string, string> = {};
  const copied = plan.operations.find((one) => one.type === 'put' && samePath(one.path, stored));
  if (copied?.type === 'put') headers['ETag'] = formatEtag(context.engine.blobId(copied.octets));
  if (node !== undefined) return { status: 204, headers, body: undefined };
  headers['Location'] =
    request.baseUrl + formatHref(destinationPath.segments, copied === undefined);
  return { status: 201, headers, body: new Uint8Array(0) };
}

function destinationOf(request: DavRequest): UrlPath {
  const url = header(request.headers, 'destination');
  if (url === undefined) throw new DavError(400, { sentence: 'There is no Destination.' });
  const path = localPath(request, url);
  if (path === 'foreign')
    throw new DavError(502, { sentence: 'The destination is another server.' });
  if (path === undefined) throw new DavError(400, { sentence: 'The Destination is malformed.' });
  return path;
}
