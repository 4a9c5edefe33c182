/** `D:ace` in `D:acl` (RFC 3744 §5.5). */
import { formatHref } from '../path/url-path.ts';
import type { StoredAce } from '../storage/storage.ts';
import { principalPath } from '../tree/node.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';
import type { EffectiveAce } from './effective-acl.ts';
import { privilegeByKey, privilegeMarkup } from './privilege.ts';

export function writeAce(out: XmlWriter, ace: EffectiveAce): void {
  out.raw('<D:ace>');
  const principal = `<D:principal>${principalMarkup(ace.principal)}</D:principal>`;
  out.raw(ace.invert ? `<D:invert>${principal}</D:invert>` : principal);
  out.raw(ace.grant ? '<D:grant>' : '<D:deny>');
  for (const key of ace.privileges) {
    const privilege = privilegeByKey(key);
    if (privilege !== undefined) out.raw(privilegeMarkup(privilege));
  }
  out.raw(ace.grant ? '</D:grant>' : '</D:deny>');
  if (ace.protected) out.raw('<D:protected/>');
  if (ace.inherited !== undefined) {
    out.raw(`<D:inherited><D:href>${formatHref(ace.inherited, true)}</D:href></D:inherited>`);
  }
  out.raw('</D:ace>');
}

function principalMarkup(principal: StoredAce['principal']): string {
  switch (principal.kind) {
    case 'user':
    case 'group':
      return `<D:href>${formatHref(principalPath(principal.kind, principal.name), true)}</D:href>`;
    case 'owner':
      return '<D:property><D:owner/></D:property>';
    default:
      return `<D:${principal.kind}/>`;
  }
}
