/** The properties of access control (RFC 3744 §5, RFC 5397 §3); none is in `allprop`. */
import { effectiveAcl, inheritedFrom } from '../acl/effective-acl.ts';
import {
  type Privilege,
  privilegeMarkup,
  privileges,
  privilegeTree,
  Right,
} from '../acl/privilege.ts';
import { writeAce } from '../acl/write-ace.ts';
import { formatHref } from '../path/url-path.ts';
import { isStored, principalPath } from '../tree/node.ts';
import { prefixOf } from '../xml/namespaces.ts';
import { type LiveProperty, writeHref } from './live-property.ts';

export const aclProperties: readonly LiveProperty[] = [
  {
    name: 'D:owner',
    write: (out, node) => {
      if (!isStored(node)) return false;
      writeHref(out, formatHref(principalPath('user', node.resource.owner), true));
      return true;
    },
  },
  {
    name: 'D:current-user-principal',
    write: (out, _, { user }) => {
      if (user === undefined) out.raw('<D:unauthenticated/>');
      else writeHref(out, formatHref(principalPath('user', user), true));
      return true;
    },
  },
  {
    name: 'D:supported-privilege-set',
    write: (out) => {
      out.raw(supportedPrivilege(privilegeTree));
      return true;
    },
  },
  {
    name: 'D:current-user-privilege-set',
    write: async (out, node, context) => {
      const rights = await context.access.of(node);
      if ((rights & Right.readCurrentUserPrivilegeSet) === 0 && (rights & Right.read) === 0) {
        return 'forbidden';
      }
      // Aggregates as well as their parts (§5.4): clients look for either.
      for (const privilege of privileges) {
        if ((rights & privilege.rights) === privilege.rights) out.raw(privilegeMarkup(privilege));
      }
      return true;
    },
  },
  {
    name: 'D:acl',
    write: async (out, node, context) => {
      if (((await context.access.of(node)) & Right.readAcl) === 0) return 'forbidden'; // §5.5
      for (const ace of await effectiveAcl(context, node)) writeAce(out, ace);
      return true;
    },
  },
  {
    name: 'D:acl-restrictions',
    // Nothing is restricted: both kinds of entries in any order, inverted ones too (§5.6).
    write: () => true,
  },
  {
    name: 'D:inherited-acl-set',
    write: (out, node) => {
      if (!isStored(node)) return false;
      for (const path of inheritedFrom(node)) writeHref(out, formatHref(path, true));
      return true;
    },
  },
  {
    name: 'D:principal-collection-set',
    write: (out) => {
      writeHref(out, '/principals/');
      return true;
    },
  },
];

function supportedPrivilege(privilege: Privilege): string {
  const { namespace, name, description, parts } = privilege;
  return (
    '<D:supported-privilege>' +
    `<D:privilege><${prefixOf(namespace)}:${name}/></D:privilege>` +
    `<D:description xml:lang="en">${description}</D:description>` +
    `${parts.map(supportedPrivilege).join('')}</D:supported-privilege>`
  );
}
