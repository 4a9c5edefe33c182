/** The properties of RFC 4918 §15. */
import { formatHttpDate, formatTimestamp } from '../http/http-date.ts';
import { writeLockDiscovery } from '../locks/lock-discovery.ts';
import { displayNameOf } from '../resources/display-name.ts';
import { contentTypeOf, etagOf, seesMasked } from '../resources/representation.ts';
import { isAliasRoot, isCollection, isHome, isStored, type Node } from '../tree/node.ts';
import { absent, type LiveProperty } from './live-property.ts';

const lockEntries = ['exclusive', 'shared']
  .map(
    (scope) =>
      `<D:lockentry><D:lockscope><D:${scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>`,
  )
  .join('');

export const webdavProperties: readonly LiveProperty[] = [
  {
    name: 'D:creationdate',
    allprop: true,
    write: (out, node) => {
      if (!isStored(node)) return false;
      out.raw(formatTimestamp(node.resource.createdSeconds));
      return true;
    },
  },
  {
    name: 'D:displayname',
    allprop: true,
    kept: true,
    perUser: true,
    write: async (out, node, context) => {
      const name = await fallbackName(node, async (owner) => {
        const principal = await context.engine.directory.principal('user', owner);
        return principal?.displayName ?? owner;
      });
      if (name === undefined) return false;
      out.text(name);
      return true;
    },
  },
  { name: 'D:getcontentlanguage', allprop: true, kept: true, write: absent },
  {
    name: 'D:getcontentlength',
    allprop: true,
    write: (out, node, context) => {
      if (node.type !== 'member') return false;
      // What is masked has a length that is known only when it is made.
      const masked = seesMasked(context, node);
      const write = (isMasked: boolean): boolean => {
        if (!isMasked) out.raw(String(node.resource.sizeOctets));
        return !isMasked;
      };
      return typeof masked === 'boolean' ? write(masked) : masked.then(write);
    },
  },
  {
    name: 'D:getcontenttype',
    allprop: true,
    write: (out, node) => {
      if (node.type !== 'member') return false;
      out.text(contentTypeOf(node));
      return true;
    },
  },
  {
    name: 'D:getetag',
    allprop: true,
    write: (out, node, context) => {
      if (node.type !== 'member') return false;
      // The quotes belong to it (§15.6). In a user's own collections there is nothing to wait for.
      const etag = etagOf(context, node);
      if (typeof etag === 'string') {
        out.text(etag);
        return true;
      }
      return etag.then((text) => {
        out.text(text);
        return true;
      });
    },
  },
  {
    name: 'D:getlastmodified',
    allprop: true,
    write: (out, node) => {
      if (!isStored(node)) return false;
      out.raw(formatHttpDate(node.resource.modifiedSeconds));
      return true;
    },
  },
  {
    name: 'D:lockdiscovery',
    allprop: true,
    write: (out, node, context) => {
      if (!isStored(node)) return false;
      const { engine, nowSeconds } = context;
      for (const lock of engine.locks.covering(node.resource.path, nowSeconds)) {
        writeLockDiscovery(out, lock, context);
      }
      return true;
    },
  },
  {
    name: 'D:resourcetype',
    allprop: true,
    write: (out, node) => {
      out.raw(resourceTypeMarkup(node));
      return true;
    },
  },
  {
    name: 'D:supportedlock',
    allprop: true,
    write: (out, node) => {
      if (!isStored(node)) return false;
      out.raw(lockEntries);
      return true;
    },
  },
];

export function resourceTypeMarkup(node: Node): string {
  if (!isCollection(node)) return '';
  switch (node.type) {
    case 'principal':
      return '<D:collection/><D:principal/>';
    case 'proxy':
      return `<D:collection/><D:principal/><CS:calendar-proxy-${node.access}/>`;
    case 'collection':
      if (node.resource.kind === 'calendar') return '<D:collection/><C:calendar/>';
      if (node.resource.kind === 'address-book') return '<D:collection/><CR:addressbook/>';
      return '<D:collection/>';
    default:
      return '<D:collection/>';
  }
}

/** What a thing is called that nobody has named. */
async function fallbackName(
  node: Node,
  nameOfUser: (user: string) => Promise<string>,
): Promise<string | undefined> {
  switch (node.type) {
    case 'principal':
      return node.principal.displayName; // RFC 3744 §4: must not be empty
    case 'proxy':
      return `${node.principal.displayName} (${node.access})`;
    case 'collection': {
      if (isHome(node.path)) return nameOfUser(node.resource.owner);
      const own = displayNameOf(node.resource);
      // So that two calendars called "Work" can be told apart.
      if (isAliasRoot(node)) return `${own} (${await nameOfUser(node.resource.owner)})`;
      return node.resource.kind === 'folder' ? undefined : own;
    }
    default:
      return undefined;
  }
}
