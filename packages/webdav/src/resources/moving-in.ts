/**
 * Whole collections with what is in them, in one change: for who moves in from another server. The rules are those of
 * MKCOL and PUT, but what breaks them is named and left out, and the rest goes on: a server that is left behind had
 * rules of its own. Everything is written in the owner's name and home, where the owner may do all of it.
 */
import { type Context, contextOf } from '../context.ts';
import { DavError } from '../dav-error.ts';
import type { Engine } from '../engine.ts';
import { formatHref, parseUrlPath, pathKey, samePath } from '../path/url-path.ts';
import { elementOf } from '../properties/kept-element.ts';
import { applyInstructions, type PropertyInstruction } from '../properties/property-changes.ts';
import { eachOf } from '../storage/pages.ts';
import type {
  Actor,
  Collection,
  DeadProperty,
  Member,
  Metadata,
  Operation,
  Path,
  Requirement,
  StoredAce,
} from '../storage/storage.ts';
import { maxCollectionsInHome, requirePlaceFor } from './make-collection.ts';
import { checkObject } from './put-member.ts';
import { requireTokens } from './write-conditions.ts';
import { carryOut, nameOf, Overtaken, requireRoom } from './write-plan.ts';

export type MovingMember = {
  readonly name: string;
  readonly octets: Uint8Array;
  /** Undefined: nothing is said of it. */
  readonly metadata?: Metadata | undefined;
};

export type MovingCollection = {
  /** In the home of the owner: `['calendars', 'ann', 'work']`. */
  readonly path: Path;
  readonly kind: 'calendar' | 'address-book';
  readonly components: readonly string[] | undefined;
  readonly metadata: Metadata;
  readonly members: readonly MovingMember[];
};

export type MovingOutcome = {
  readonly is: 'new' | 'changed' | 'same' | 'refused';
  /** Why it was refused. */
  readonly sentence?: string;
};

export type CollectionOutcome = MovingOutcome & {
  /** In the order of the members. */
  readonly members: readonly MovingOutcome[];
  /** Properties that may not be set, or not so. */
  readonly properties: readonly { readonly name: string; readonly sentence: string }[];
};

export type MovingRequest = {
  readonly owner: string;
  readonly collections: readonly MovingCollection[];
  /**
   * By collection, the UIDs that have come from the other server, and under which name: a second object with one of
   * them is refused. Added to; the same for all requests of one move.
   */
  readonly uids: Map<string, Map<string, string>>;
  readonly actor: Actor;
  readonly summary: (operations: readonly Operation[]) => string;
  readonly nowSeconds: number;
  /** Only says what would be done. */
  readonly dryRun: boolean;
};

export type Moved = {
  readonly outcomes: readonly CollectionOutcome[];
  /** Whether anything was written. */
  readonly written: boolean;
};

/** As for requests. */
const maxAttempts = 10;

/** Rejects with a `DavError` for what stands in the way of all of it: quota, a lock, the disk. */
export async function moveIn(engine: Engine, request: MovingRequest): Promise<Moved> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptMove(engine, request);
    } catch (error) {
      if (!(error instanceof Overtaken) || attempt === maxAttempts) throw error;
    }
  }
}

async function attemptMove(engine: Engine, request: MovingRequest): Promise<Moved> {
  const { owner, collections, actor, summary, nowSeconds, dryRun } = request;
  const view = await engine.storage.view();
  const context = contextOf(engine, view, owner, nowSeconds);
  const move = new Move(context, request.uids);
  const outcomes: CollectionOutcome[] = [];
  for (const collection of collections) outcomes.push(await move.collection(collection));
  if (move.operations.length > 0) await requireRoom(context, owner, move.moreOctets);
  if (dryRun || move.operations.length === 0) return { outcomes, written: false };
  requireTokens(context, new Set(), { changed: move.changed, membership: move.added });
  const plan = {
    operations: move.operations,
    requirements: [...move.requirements.values()],
    summary: summary(move.operations),
  };
  await carryOut(context, plan, actor);
  return { outcomes, written: true };
}

class Move {
  readonly operations: Operation[] = [];
  readonly requirements = new Map<string, Requirement>();
  readonly changed: Path[] = [];
  readonly added: Path[] = [];
  moreOctets = 0;
  readonly #context: Context;
  readonly #uids: Map<string, Map<string, string>>;
  /** By home: collections in it, those that are to be made included. */
  readonly #inHome = new Map<string, number>();

  constructor(context: Context, uids: Map<string, Map<string, string>>) {
    this.#context = context;
    this.#uids = uids;
  }

  async collection(moving: MovingCollection): Promise<CollectionOutcome> {
    const { path, kind, components, metadata, members } = moving;
    const found = await this.#context.view.resource(path);
    const { properties, refused } = acceptable(metadata.properties, kind);
    let outcome: MovingOutcome;
    let collection: Pick<Collection, 'path' | 'kind' | 'components'> = { path, kind, components };
    try {
      if (found === undefined) {
        await this.#make(moving, properties);
        outcome = { is: 'new' };
      } else {
        if (found.type !== 'collection' || found.kind !== kind)
          throw new DavError(409, { sentence: `${formatHref(path, false)} is something else` });
        collection = found;
        outcome = { is: this.#describe(found, { properties, acl: metadata.acl }) };
      }
    } catch (error) {
      if (!(error instanceof DavError)) throw error;
      const refusal = refusalOf(error);
      return { ...refusal, members: members.map(() => refusal), properties: refused };
    }
    const outcomes: MovingOutcome[] = [];
    for (const member of members) {
      await this.#context.engine.pause();
      outcomes.push(await this.#member(collection, member, found !== undefined));
    }
    return { ...outcome, members: outcomes, properties: refused };
  }

  async #make(
    { path, kind, components, metadata }: MovingCollection,
    properties: readonly DeadProperty[],
  ): Promise<void> {
    const { view } = this.#context;
    requirePlaceFor(kind, { path, stored: path, node: undefined, parent: undefined });
    requireName(path);
    const home = path.slice(0, 2);
    const key = pathKey(home);
    let count = this.#inHome.get(key);
    if (count === undefined) {
      count = 0;
      for await (const page of view.members(home, maxCollectionsInHome)) count += page.length;
      if ((await view.resource(home)) === undefined) {
        const nothing = { properties: [], acl: [] };
        this.#plan(
          {
            type: 'make-collection',
            path: home,
            kind: 'folder',
            components: undefined,
            metadata: nothing,
          },
          { type: 'absent', path: home },
        );
      } else this.#require({ type: 'collection', path: home });
    }
    if (count >= maxCollectionsInHome)
      throw new DavError(507, { sentence: 'There are too many collections in this home.' });
    this.#inHome.set(key, count + 1);
    this.#plan(
      {
        type: 'make-collection',
        path,
        kind,
        components,
        metadata: { properties, acl: metadata.acl },
      },
      { type: 'absent', path },
    );
  }

  /** What the other server said goes before what was there; of whom an entry speaks already, it speaks on. */
  #describe(found: Collection, { properties, acl }: Metadata): 'changed' | 'same' {
    const { metadata, path, metadataVersion } = found;
    const kept = metadata.properties.filter(
      (one) => !properties.some((other) => sameProperty(one, other)),
    );
    const changed = properties.some(
      (one) => !metadata.properties.some((other) => other.xml === one.xml),
    );
    const more = acl.filter(
      ({ principal }) => !metadata.acl.some((other) => samePrincipal(other.principal, principal)),
    );
    if (!changed && more.length === 0) return 'same';
    this.#plan(
      {
        type: 'set-metadata',
        path,
        metadata: { properties: [...kept, ...properties], acl: [...metadata.acl, ...more] },
      },
      { type: 'metadata', path, version: metadataVersion },
    );
    this.changed.push(path);
    return 'changed';
  }

  async #member(
    collection: Pick<Collection, 'path' | 'kind' | 'components'>,
    { name, octets, metadata }: MovingMember,
    collectionIsThere: boolean,
  ): Promise<MovingOutcome> {
    const { view, engine } = this.#context;
    const path = [...collection.path, name];
    try {
      requireName(path);
      const { facts, contentType } = checkObject(collection, octets, undefined);
      const uids = this.#uidsOf(collection.path);
      const other = uids.get(facts.uid);
      if (other !== undefined && other !== name)
        return { is: 'refused', sentence: `It has the UID of ${other}.` };
      let holder: Member | undefined;
      if (collectionIsThere) {
        for await (const member of eachOf(view.candidates(collection.path, { uid: facts.uid })))
          holder = member;
        const there = holder === undefined ? await view.resource(path) : undefined;
        if (there !== undefined)
          return { is: 'refused', sentence: `${name} is there with another UID.` };
      }
      uids.set(facts.uid, name);
      if (holder?.etag === engine.blobId(octets)) return { is: 'same' };
      const target = holder?.path ?? path;
      this.#plan(
        {
          type: 'put',
          path: target,
          octets,
          contentType,
          facts,
          ...(metadata === undefined || holder !== undefined ? {} : { metadata }),
        },
        holder === undefined
          ? { type: 'absent', path: target }
          : { type: 'etag', path: target, etag: holder.etag },
      );
      this.#require({
        type: 'uid-free',
        collection: collection.path,
        uid: facts.uid,
        except: holder === undefined ? undefined : nameOf(holder.path),
      });
      this.moreOctets += octets.length - (holder?.sizeOctets ?? 0);
      if (holder !== undefined) this.changed.push(target);
      else if (collectionIsThere) this.added.push(target);
      return { is: holder === undefined ? 'new' : 'changed' };
    } catch (error) {
      if (error instanceof DavError) return refusalOf(error);
      throw error;
    }
  }

  #uidsOf(path: Path): Map<string, string> {
    const key = pathKey(path);
    let uids = this.#uids.get(key);
    if (uids === undefined) {
      uids = new Map();
      this.#uids.set(key, uids);
    }
    return uids;
  }

  #plan(operation: Operation, requirement: Requirement): void {
    this.operations.push(operation);
    this.#require(requirement);
  }

  #require(requirement: Requirement): void {
    const place = requirement.type === 'uid-free' ? requirement.collection : requirement.path;
    const uid = requirement.type === 'uid-free' ? ` ${requirement.uid}` : '';
    this.requirements.set(`${requirement.type} ${pathKey(place)}${uid}`, requirement);
  }
}

/** Properties that may be set, and why others may not. */
function acceptable(
  properties: readonly DeadProperty[],
  kind: 'calendar' | 'address-book',
): {
  readonly properties: readonly DeadProperty[];
  readonly refused: readonly { readonly name: string; readonly sentence: string }[];
} {
  const refused: { name: string; sentence: string }[] = [];
  let kept: readonly DeadProperty[] = [];
  for (const property of properties) {
    const element = elementOf(property);
    const instruction: PropertyInstruction | undefined = element && {
      type: 'set',
      element,
      language: undefined,
    };
    const changes =
      instruction && applyInstructions(kept, [instruction], { calendar: kind === 'calendar' });
    if (changes?.properties !== undefined) kept = changes.properties;
    else {
      const failure = changes?.outcomes[0]?.failure;
      refused.push({
        name: property.name,
        sentence: failure?.sentence || failure?.message || 'It is no XML.',
      });
    }
  }
  return { properties: kept, refused };
}

/** Every name has to be one that a URL can have. */
function requireName(path: Path): void {
  try {
    if (samePath(parseUrlPath(formatHref(path, false)).segments, path)) return;
  } catch {
    // Said below: a `DecodeError`, or a URIError of a name that is no text.
  }
  throw new DavError(403, { sentence: 'Its name is none that a URL can have.' });
}

function refusalOf(error: DavError): MovingOutcome {
  return { is: 'refused', sentence: error.sentence || error.message };
}

function sameProperty(a: DeadProperty, b: DeadProperty): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}

function samePrincipal(a: StoredAce['principal'], b: StoredAce['principal']): boolean {
  return a.kind === b.kind && ('name' in a ? a.name : '') === ('name' in b ? b.name : '');
}
