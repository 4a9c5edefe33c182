/** The answer to PROPPATCH: how each instruction went (RFC 4918 §9.2.1), or nothing where that was asked for. */
import type { Exchange } from '../exchange.ts';
import { preferencesOf } from '../http/prefer.ts';
import { multistatus } from '../multistatus.ts';
import { formatHref } from '../path/url-path.ts';
import type { PropertyOutcome } from '../properties/property-changes.ts';
import { writeOutcomes } from '../properties/write-outcomes.ts';
import type { DavResponse } from '../request.ts';
import { isCollection, type Node } from '../tree/node.ts';
import { empty } from './answer.ts';

export async function patched(
  { context, request }: Exchange,
  node: Node,
  outcomes: readonly PropertyOutcome[],
): Promise<DavResponse> {
  const { minimal, applied } = preferencesOf(request.headers);
  const done = outcomes.every(({ failure }) => failure === undefined);
  if (minimal && done) return empty(200, { ...applied, Vary: 'Prefer, Brief' }); // RFC 8144 §2.2
  return multistatus(
    context.engine,
    async function* responses(out) {
      out.raw(`<D:response><D:href>${formatHref(node.path, isCollection(node))}</D:href>`);
      writeOutcomes(out, outcomes);
      out.raw('</D:response>');
      yield 1;
    },
    applied,
  );
}
