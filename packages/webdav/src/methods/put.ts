/** PUT (RFC 4918 §9.7, RFC 4791 §5.3.2, RFC 6352 §6.3.2). */
import { lacksTimeZones } from '../caldav/calendar-data.ts';
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { preferencesOf } from '../http/prefer.ts';
import { formatHref } from '../path/url-path.ts';
import { type DavResponse, header } from '../request.ts';
import { submittedWith } from '../resources/if-conditions.ts';
import { planPut, requirePutPlace, requirePutRights } from '../resources/put-member.ts';
import { formatEtag } from '../resources/representation.ts';
import { requirePreconditions, requireTokens } from '../resources/write-conditions.ts';
import { carryOut, type WritePlan } from '../resources/write-plan.ts';
import { findWriteTarget } from '../resources/write-target.ts';

export async function put(exchange: Exchange): Promise<DavResponse> {
  const { context, request, target, body, actor } = exchange;
  const { headers } = request;
  const aim = await findWriteTarget(context, target.segments);
  await requirePutRights(context, aim);
  requirePutPlace(aim);
  // RFC 9110 §14.5: a part of a file is not taken for the whole of it.
  if (headers['content-range'] !== undefined) throw new DavError(400);
  const { tokens, requirements } = await submittedWith(exchange);
  const created = aim.node === undefined;
  requireTokens(
    context,
    tokens,
    created ? { membership: [aim.stored], changed: [aim.stored] } : { changed: [aim.stored] },
  );
  await requirePreconditions(exchange, aim.node);
  const contentType = header(headers, 'content-type');
  const plan = await planPut(context, aim, { octets: body, contentType });
  await carryOut(context, plan, actor, requirements);
  const answer: Record<string, string> = {};
  // What is kept is what came, octet for octet, so that the tag is that of a GET (RFC 4791 §5.3.4). But
  // a GET adds time zones that are missing, and then clients have to read it back.
  const { kind } = requirePutPlace(aim).resource;
  if (kind !== 'calendar' || !lacksTimeZones(body)) {
    answer['ETag'] = formatEtag(context.engine.blobId(body));
  }
  if (created) answer['Location'] = request.baseUrl + formatHref(aim.path, false);
  const { representation, applied } = preferencesOf(headers);
  if (!representation) {
    return {
      status: created ? 201 : 204,
      headers: answer,
      body: created ? new Uint8Array(0) : undefined,
    };
  }
  return {
    status: created ? 201 : 200,
    headers: {
      ...answer,
      ...applied,
      'Content-Type': contentTypeOfPut(plan),
      'Content-Location': formatHref(aim.path, false),
      Vary: 'Prefer',
    },
    body,
  };
}

function contentTypeOfPut({ operations }: WritePlan): string {
  const [operation] = operations;
  return operation?.type === 'put' ? operation.contentType : 'application/octet-stream';
}
