/**
 * The contract, taken literally, in a few maps: what the real storage must answer. It knows no durability and
 * no index; its sync states are numbers into a list of all that has happened.
 */
import type {
  Collection,
  CollectionKind,
  Facts,
  Member,
  MemberChange,
  Metadata,
  Operation,
  Path,
  Requirement,
  WriteRequest,
} from '@riad/webdav/storage/storage';
import { noMetadata } from '../layout/descriptions.ts';

type LiteralMember = Pick<
  Member,
  'sizeOctets' | 'contentType' | 'createdSeconds' | 'modifiedSeconds'
> & {
  readonly octets: Uint8Array;
  readonly facts: Facts | undefined;
  readonly metadata: Metadata;
};
type LiteralCollection = Pick<Collection, 'kind' | 'components' | 'metadata' | 'createdSeconds'> & {
  readonly incarnation: number;
  /** Each name that changed, in order, and whether it was there afterwards. */
  readonly log: {
    readonly name: string;
    readonly what: MemberChange['what'];
    readonly there: boolean;
  }[];
};

export class LiteralStorage {
  readonly members: Map<string, LiteralMember> = new Map();
  readonly collections: Map<string, LiteralCollection> = new Map();
  #incarnations = 0;
  #nowSeconds = 0;

  /** The first requirement that does not hold, or undefined once everything is done. */
  write(
    { operations, requirements }: Pick<WriteRequest, 'operations' | 'requirements'>,
    nowSeconds: number,
  ): Requirement | undefined {
    const failed = requirements.find((requirement) => !this.#holds(requirement));
    if (failed !== undefined) return failed;
    this.#nowSeconds = nowSeconds;
    for (const operation of operations) this.#do(operation);
    return undefined;
  }

  /** Names with what they are, sorted. */
  list(path: Path): { readonly name: string; readonly what: 'member' | 'collection' }[] {
    const inside = (keys: Iterable<string>): string[] =>
      [...keys]
        .map((key) => key.split('\0'))
        .filter((one) => isIn(one, path))
        .map((one) => one.at(-1)!);
    const found = [
      ...inside(this.members.keys()).map((name) => ({ name, what: 'member' as const })),
      ...inside(this.collections.keys()).map((name) => ({ name, what: 'collection' as const })),
    ];
    return found.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }

  /** Each name once, by its last change after the first `from` ones of the collection’s log. */
  changes(path: Path, from: number | undefined): MemberChange[] {
    const log = this.collections.get(keyOf(path))?.log ?? [];
    const last = new Map<string, MemberChange>();
    for (const { name, there, what } of log.slice(from ?? 0)) {
      last.delete(name);
      last.set(name, { name, what, change: there ? 'changed' : 'removed' });
    }
    return [...last.values()].filter(({ change }) => from !== undefined || change === 'changed');
  }

  usedOctets(owner: string): number {
    let sum = 0;
    for (const [key, { sizeOctets }] of this.members)
      if (key.split('\0')[1] === owner) sum += sizeOctets;
    return sum;
  }

  #holds(requirement: Requirement): boolean {
    switch (requirement.type) {
      case 'absent':
        return (
          !this.members.has(keyOf(requirement.path)) &&
          !this.collections.has(keyOf(requirement.path))
        );
      case 'collection':
        return this.collections.has(keyOf(requirement.path));
      case 'uid-free':
        return [...this.members].every(([key, { facts }]) => {
          const path = key.split('\0');
          const same = isIn(path, requirement.collection) && facts?.uid === requirement.uid;
          return !same || path.at(-1) === requirement.except;
        });
      default:
        throw new RangeError(`${requirement.type} is judged by what the storage calls things`);
    }
  }

  #do(operation: Operation): void {
    const { path } = operation;
    const key = keyOf(path);
    switch (operation.type) {
      case 'put': {
        const { octets, contentType, facts } = operation;
        const before = this.members.get(key);
        const metadata = operation.metadata ?? before?.metadata ?? noMetadata;
        const createdSeconds = before?.createdSeconds ?? this.#nowSeconds;
        const times = { createdSeconds, modifiedSeconds: this.#nowSeconds };
        this.members.set(key, {
          octets,
          sizeOctets: octets.length,
          contentType,
          facts,
          metadata,
          ...times,
        });
        return this.#log(path, 'member', true);
      }
      case 'delete': {
        if (!this.members.delete(key)) {
          const below = (one: string): boolean => one === key || one.startsWith(`${key}\0`);
          for (const one of [...this.members.keys()].filter(below)) this.members.delete(one);
          for (const one of [...this.collections.keys()].filter(below))
            this.collections.delete(one);
          return this.#log(path, 'collection', false);
        }
        return this.#log(path, 'member', false);
      }
      case 'make-collection': {
        const { kind, components, metadata } = operation;
        const incarnation = this.#incarnations++;
        const createdSeconds = this.#nowSeconds;
        this.collections.set(key, {
          kind,
          components,
          metadata,
          createdSeconds,
          incarnation,
          log: [],
        });
        return this.#log(path, 'collection', true);
      }
      case 'set-metadata': {
        const { metadata } = operation;
        const member = this.members.get(key);
        const collection = this.collections.get(key);
        if (member !== undefined) this.members.set(key, { ...member, metadata });
        if (collection !== undefined) this.collections.set(key, { ...collection, metadata });
      }
    }
  }

  #log(path: Path, what: MemberChange['what'], there: boolean): void {
    this.collections.get(keyOf(path.slice(0, -1)))?.log.push({ name: path.at(-1)!, what, there });
  }
}

/** As small as an object that the tests need: `UID:…` in its first line. */
export function describeLine(octets: Uint8Array, kind: CollectionKind): Facts | undefined {
  const text = new TextDecoder().decode(octets);
  const [, uid, component, from, to] = /^UID:(.*) (V[A-Z]+) (-?\d*) (-?\d*)\n/.exec(text) ?? [];
  if (uid === undefined || component === undefined || kind === 'folder') return undefined;
  const seconds = (digits: string | undefined): number | undefined =>
    digits === '' || digits === undefined ? undefined : Number(digits);
  return { uid, component, earliestSeconds: seconds(from), latestSeconds: seconds(to) };
}

function keyOf(path: Path): string {
  return path.join('\0');
}

function isIn(path: Path, above: Path): boolean {
  return path.length === above.length + 1 && above.every((name, i) => name === path[i]);
}
