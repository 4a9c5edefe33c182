/** `D:activelock` (RFC 4918 §14.1), as LOCK answers and `D:lockdiscovery` shows. */
import type { Context } from '../context.ts';
import { formatHref } from '../path/url-path.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';
import type { Lock } from './lock-table.ts';

export function writeLockDiscovery(out: XmlWriter, lock: Lock, context: Context): void {
  const left = Math.max(0, lock.expiresSeconds - context.nowSeconds);
  out.raw('<D:activelock><D:locktype><D:write/></D:locktype>');
  out.raw(`<D:lockscope><D:${lock.scope}/></D:lockscope><D:depth>${lock.depth}</D:depth>`);
  if (lock.ownerXml !== undefined) out.verbatim(lock.ownerXml);
  out.raw(`<D:timeout>Second-${left}</D:timeout>`);
  // §6.8 lets a server show tokens to all; only its maker can use one, and needs it to find a lost lock.
  if (lock.user === context.user) {
    out.raw(`<D:locktoken><D:href>${lock.token}</D:href></D:locktoken>`);
  }
  out.raw(`<D:lockroot><D:href>${formatHref(lock.path, false)}</D:href></D:lockroot>`);
  out.raw('</D:activelock>');
}
