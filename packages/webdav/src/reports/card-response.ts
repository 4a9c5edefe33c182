/** One `D:response` of a report on address books, with `CR:address-data` if that was asked for. */
import { type AddressDataRequest, addressDataOf } from '../carddav/address-data.ts';
import type { Context } from '../context.ts';
import { failed, writeError } from '../dav-error.ts';
import { statusLine } from '../http/status-line.ts';
import { formatHref } from '../path/url-path.ts';
import type { PropertyRequest } from '../properties/property-request.ts';
import { writeResponse } from '../properties/write-response.ts';
import type { MemberNode } from '../tree/node.ts';
import { CARDDAV } from '../xml/namespaces.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';

export type CardRequest = {
  readonly wanted: PropertyRequest;
  /** Of the same request. */
  readonly data: AddressDataRequest | undefined;
  readonly minimal: boolean;
};

/** `octets` may be missing where no address-data is wanted. */
export function writeCardResponse(
  out: XmlWriter,
  context: Context,
  member: MemberNode,
  octets: Uint8Array | undefined,
  { wanted, data, minimal }: CardRequest,
): void | Promise<void> {
  const given = octets && data && addressDataOf(octets, data);
  if (octets !== undefined && data !== undefined && given === undefined) {
    return writeNotConverted(out, member);
  }
  return writeResponse(out, context, member, wanted, {
    minimal,
    special: {
      namespace: CARDDAV,
      name: 'address-data',
      write: () => {
        if (given === undefined) return false;
        out.raw('<CR:address-data>');
        out.octets(given);
        out.raw('</CR:address-data>');
        return true;
      },
    },
  });
}

/** RFC 6352 §8.7.2: 415 for this card alone. */
function writeNotConverted(out: XmlWriter, member: MemberNode): void {
  out.raw(`<D:response><D:href>${formatHref(member.path, false)}</D:href>`);
  out.raw(`<D:status>${statusLine(415)}</D:status>`);
  writeError(out, failed('CR:supported-address-data-conversion'), false);
  out.raw('</D:response>');
}
