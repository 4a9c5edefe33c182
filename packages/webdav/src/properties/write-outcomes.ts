/** How instructions about properties went, as `D:propstat`s: if one failed, the others are failed dependencies. */
import { type DavError, writeError } from '../dav-error.ts';
import { statusLine } from '../http/status-line.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';
import type { PropertyOutcome } from './property-changes.ts';
import { emptyElement } from './property-request.ts';

export function writeOutcomes(out: XmlWriter, outcomes: readonly PropertyOutcome[]): void {
  const failed = outcomes.some(({ failure }) => failure !== undefined);
  const groups = new Map<string, { status: number; failure?: DavError; names: string[] }>();
  for (const { namespace, name, failure } of outcomes) {
    const status = failure?.status ?? (failed ? 424 : 200); // RFC 4918 §9.2.1
    const key = `${status} ${failure?.precondition ?? ''}`;
    const group = groups.get(key) ?? { status, ...(failure && { failure }), names: [] };
    group.names.push(emptyElement(namespace, name));
    groups.set(key, group);
  }
  for (const { status, failure, names } of groups.values()) {
    out.raw('<D:propstat><D:prop>');
    for (const name of names) out.verbatim(name);
    out.raw(`</D:prop><D:status>${statusLine(status)}</D:status>`);
    if (failure?.precondition !== undefined) writeError(out, failure, false);
    out.raw('</D:propstat>');
  }
}
