/** MKCALENDAR (RFC 4791 §5.3.1). */
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { multistatus } from '../multistatus.ts';
import { formatHref } from '../path/url-path.ts';
import { instructionsIn } from '../properties/property-changes.ts';
import { writeOutcomes } from '../properties/write-outcomes.ts';
import type { DavResponse } from '../request.ts';
import { PropertiesRefused } from '../resources/make-collection.ts';
import { is } from '../xml/element.ts';
import { CALDAV } from '../xml/namespaces.ts';
import { createCollection } from './create-collection.ts';
import { readXml } from './request-xml.ts';

export async function mkcalendar(exchange: Exchange): Promise<DavResponse> {
  const { context, request, body, target } = exchange;
  const root = readXml(request, body);
  if (root !== undefined && !is(root, CALDAV, 'mkcalendar')) {
    throw new DavError(400, { sentence: 'The body must be C:mkcalendar.' });
  }
  const instructions = root === undefined ? [] : instructionsIn(root);
  try {
    return await createCollection(exchange, 'calendar', instructions, {
      exists: failed('D:resource-must-be-null'),
    });
  } catch (error) {
    if (!(error instanceof PropertiesRefused)) throw error;
    const { outcomes } = error;
    return multistatus(
      context.engine,
      async function* responses(out) {
        out.raw(`<D:response><D:href>${formatHref(target.segments, true)}</D:href>`);
        writeOutcomes(out, outcomes); // §5.3.1.1: and nothing has been made
        out.raw('</D:response>');
        yield 1;
      },
      { 'Cache-Control': 'no-cache' },
    );
  }
}
