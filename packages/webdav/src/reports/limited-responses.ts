/**
 * A report that finds, while it answers, that there is more than it may tell. If nothing has been sent,
 * the whole request fails; else the answer ends with an entry that says it is not complete.
 */
import { DavError, writeError } from '../dav-error.ts';
import { statusLine } from '../http/status-line.ts';
import { formatHref } from '../path/url-path.ts';
import { isCollection, type Node } from '../tree/node.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';

export async function* endAtLimit(
  out: XmlWriter,
  node: Node,
  responses: () => AsyncIterable<number>,
): AsyncGenerator<number, void> {
  let whole = out.mark();
  try {
    for await (const units of responses()) {
      yield units;
      whole = out.mark();
    }
  } catch (error) {
    if (!(error instanceof DavError) || !out.hasLeft) throw error;
    out.rewind(whole);
    writeLimited(out, node, error);
  }
}

/** RFC 6352 §8.6.2, RFC 6578 §3.6: 507 on the URL of the request. */
export function writeLimited(out: XmlWriter, node: Node, error: DavError): void {
  out.raw(`<D:response><D:href>${formatHref(node.path, isCollection(node))}</D:href>`);
  out.raw(`<D:status>${statusLine(507)}</D:status>`);
  writeError(out, error, false);
  out.raw('</D:response>');
}
