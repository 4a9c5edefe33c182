/** Properties of principals (RFC 3744 §4, RFC 4791 §6.2, RFC 6352 §7.1, RFC 6638 §2.4, and those of calendarserver.org). */
import { proxiesOf, proxyMembers } from '../acl/proxy.ts';
import { formatHref } from '../path/url-path.ts';
import type { Path } from '../storage/storage.ts';
import { type Node, principalPath } from '../tree/node.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';
import { type LiveProperty, writeHref } from './live-property.ts';

function writePrincipal(out: XmlWriter, kind: 'user' | 'group', name: string): void {
  writeHref(out, formatHref(principalPath(kind, name), true));
}

function home(node: Node, area: string): Path | undefined {
  // Exactly one, and groups have none: Apple’s clients take the first home they are told of.
  if (node.type !== 'principal' || node.principal.kind !== 'user') return undefined;
  return [area, node.principal.name];
}

function homeProperty(name: string, area: string): LiveProperty {
  return {
    name,
    write: (out, node) => {
      const path = home(node, area);
      if (path === undefined) return false;
      writeHref(out, formatHref(path, true));
      return true;
    },
  };
}

function proxyFor(access: 'read' | 'write'): LiveProperty {
  return {
    name: `CS:calendar-proxy-${access}-for`,
    write: async (out, node, context) => {
      if (node.type !== 'principal' || node.principal.kind !== 'user') return false;
      // Whose calendars somebody else may see is that person’s affair.
      if (context.user !== node.principal.name) return true;
      for (const owner of await proxiesOf(context, access)) writePrincipal(out, 'user', owner);
      return true;
    },
  };
}

export const principalProperties: readonly LiveProperty[] = [
  {
    name: 'D:alternate-URI-set',
    write: (_, node) => node.type === 'principal' || node.type === 'proxy',
  },
  {
    name: 'D:principal-URL',
    write: (out, node) => {
      if (node.type !== 'principal' && node.type !== 'proxy') return false;
      writeHref(out, formatHref(node.path, true));
      return true;
    },
  },
  {
    name: 'D:group-member-set',
    write: async (out, node, context) => {
      if (node.type === 'proxy') {
        for (const { kind, name } of await proxyMembers(context, node))
          writePrincipal(out, kind, name);
        return true;
      }
      if (node.type !== 'principal') return false;
      if (node.principal.kind === 'user') return true;
      for (const name of await context.engine.directory.membersOf(node.principal.name)) {
        writePrincipal(out, 'user', name);
      }
      return true;
    },
  },
  {
    name: 'D:group-membership',
    write: async (out, node, context) => {
      if (node.type !== 'principal') return node.type === 'proxy';
      if (node.principal.kind === 'group') return true;
      for (const name of await context.engine.directory.groupsOf(node.principal.name)) {
        writePrincipal(out, 'group', name);
      }
      if (context.user !== node.principal.name) return true;
      for (const access of ['read', 'write'] as const) {
        for (const owner of await proxiesOf(context, access)) {
          writeHref(
            out,
            formatHref([...principalPath('user', owner), `calendar-proxy-${access}`], true),
          );
        }
      }
      return true;
    },
  },
  homeProperty('C:calendar-home-set', 'calendars'),
  homeProperty('CR:addressbook-home-set', 'addressbooks'),
  {
    name: 'C:calendar-user-address-set',
    write: (out, node) => {
      if (node.type !== 'principal') return false;
      for (const [index, address] of node.principal.emailAddresses.entries()) {
        // Apple’s clients take the one that is marked as preferred.
        out.raw(index === 0 ? '<D:href preferred="1">' : '<D:href>');
        out.text(`mailto:${address}`);
        out.raw('</D:href>');
      }
      writeHref(out, formatHref(node.path, true));
      return true;
    },
  },
  {
    name: 'C:calendar-user-type',
    write: (out, node) => {
      if (node.type !== 'principal') return false;
      out.raw(node.principal.kind === 'user' ? 'INDIVIDUAL' : 'GROUP');
      return true;
    },
  },
  {
    name: 'CS:email-address-set',
    write: (out, node) => {
      if (node.type !== 'principal') return false;
      for (const address of node.principal.emailAddresses) out.element('CS:email-address', address);
      return true;
    },
  },
  proxyFor('read'),
  proxyFor('write'),
];
