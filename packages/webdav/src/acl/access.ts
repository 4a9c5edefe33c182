/**
 * What somebody may do with a resource (RFC 3744 §6): its own entries in their order, then those
 * of the collections around it, up to the home. The first entry that speaks of a privilege decides.
 *
 * The owner of a home may do everything in it, by a protected entry that comes before all others.
 */

import { pathKey } from '../path/url-path.ts';
import type { Directory } from '../storage/directory.ts';
import type { Path, Resource, StoredAce, View } from '../storage/storage.ts';
import { isStored, type Node } from '../tree/node.ts';
import { allRights, noRights, Right, rightsOfKeys } from './privilege.ts';

type Decided = { readonly granted: number; readonly denied: number };

const nothing: Decided = { granted: noRights, denied: noRights };

/** What whoever has logged in may do with principals and what lies above the homes. */
const browsing =
  Right.read | Right.readFreeBusy | Right.readCurrentUserPrivilegeSet | Right.readAcl;

/** All that somebody can be given who has not logged in: a change has an author. */
const anonymous = Right.read | Right.readFreeBusy | Right.readCurrentUserPrivilegeSet;

/** One user’s rights in one view; results are kept for the length of a request. */
export class Access {
  readonly user: string | undefined;
  readonly #directory: Directory;
  readonly #view: View;
  #groups: Promise<ReadonlySet<string>> | undefined;
  readonly #ofCollections = new Map<string, Promise<Decided>>();

  constructor(directory: Directory, view: View, user: string | undefined) {
    this.user = user;
    this.#directory = directory;
    this.#view = view;
  }

  /** Groups the user is in. */
  groups(): Promise<ReadonlySet<string>> {
    this.#groups ??= this.#readGroups();
    return this.#groups;
  }

  /** A set of `Right`. */
  async of(node: Node): Promise<number> {
    if (isStored(node)) return this.ofResource(node.resource);
    if (this.user === undefined) return noRights;
    // Whoever it is may keep settings at their own principal.
    const own = node.type === 'principal' && node.principal.kind === 'user';
    return own && node.principal.name === this.user ? browsing | Right.writeProperties : browsing;
  }

  /** The same without a wait where the answer needs no look-up: the owner’s, or a member’s of a known collection. */
  async ofResource(resource: Resource): Promise<number> {
    if (this.user !== undefined && resource.owner === this.user) return allRights;
    const granted = await this.#grantedOn(resource);
    return this.user === undefined ? granted & anonymous : granted;
  }

  async #grantedOn(resource: Resource): Promise<number> {
    if (resource.type === 'collection') return (await this.#ofCollection(resource)).granted;
    const inherited = await this.#ofPath(resource.path.slice(0, -1));
    if (resource.metadata.acl.length === 0) return inherited.granted;
    return (await this.#combine(resource.metadata.acl, inherited)).granted;
  }

  async #readGroups(): Promise<ReadonlySet<string>> {
    return new Set(this.user === undefined ? [] : await this.#directory.groupsOf(this.user));
  }

  #ofPath(path: Path): Promise<Decided> {
    if (path.length < 2) return Promise.resolve(nothing);
    const key = pathKey(path);
    let decided = this.#ofCollections.get(key);
    if (decided === undefined) {
      decided = this.#view
        .resource(path)
        .then((resource) =>
          resource?.type === 'collection'
            ? this.#evaluate(resource)
            : this.#ofPath(path.slice(0, -1)),
        );
      this.#ofCollections.set(key, decided);
    }
    return decided;
  }

  #ofCollection(collection: Resource): Promise<Decided> {
    const key = pathKey(collection.path);
    let decided = this.#ofCollections.get(key);
    if (decided === undefined) {
      decided = this.#evaluate(collection);
      this.#ofCollections.set(key, decided);
    }
    return decided;
  }

  async #evaluate(collection: Resource): Promise<Decided> {
    const inherited = await this.#ofPath(collection.path.slice(0, -1));
    return this.#combine(collection.metadata.acl, inherited);
  }

  async #combine(acl: readonly StoredAce[], inherited: Decided): Promise<Decided> {
    let { granted, denied } = nothing;
    for (const ace of acl) {
      if (!(await this.#matches(ace))) continue;
      const undecided = rightsOfKeys(ace.privileges) & ~(granted | denied);
      if (ace.grant) granted |= undecided;
      else denied |= undecided;
    }
    const open = ~(granted | denied);
    return {
      granted: granted | (inherited.granted & open),
      denied: denied | (inherited.denied & open),
    };
  }

  async #matches({ principal, invert }: StoredAce): Promise<boolean> {
    return (await this.#isOne(principal)) !== invert;
  }

  async #isOne(principal: StoredAce['principal']): Promise<boolean> {
    switch (principal.kind) {
      case 'all':
        return true;
      case 'authenticated':
        return this.user !== undefined;
      case 'unauthenticated':
        return this.user === undefined;
      case 'user':
        return this.user === principal.name;
      case 'group':
        return (await this.groups()).has(principal.name); // RFC 3744 §5.5.1
      case 'owner':
        return false; // `ofResource` has answered for the owner already
      case 'self':
        return false; // only principals have a self (RFC 3744 §5.5.1), and theirs are not kept
    }
  }
}
