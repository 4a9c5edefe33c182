/** Whether a record of a message has data as its type asks for. */
import type { ResourceRecord } from '@riad/dns/message';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { DecodeError } from '@riad/octets/decode-error';
import { Reader } from '@riad/octets/reader';

/** In an update records may come without data (RFC 2136 §2.4), so that the decoder lets it pass. */
export function hasWellFormedData({ type, rdata }: ResourceRecord): boolean {
  if (rdata.length > 0) return true; // was checked when it was decoded
  try {
    recordTypeOf(type).check(new Reader(rdata));
    return true;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}
