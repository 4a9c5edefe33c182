/** The directory contract over two lists: for tests of the engine. */
import type { Directory, Principal } from '../storage/directory.ts';

export class MemoryDirectory implements Directory {
  readonly #principals: readonly Principal[];
  readonly groups: Map<string, string[]>;

  constructor(principals: readonly Principal[], groups: Readonly<Record<string, string[]>> = {}) {
    this.#principals = principals;
    this.groups = new Map(Object.entries(groups));
  }

  async principal(kind: 'user' | 'group', name: string): Promise<Principal | undefined> {
    return this.#principals.find((one) => one.kind === kind && one.name === name);
  }

  async principals(limit: number): Promise<readonly Principal[]> {
    return this.#principals.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
  }

  async membersOf(group: string): Promise<readonly string[]> {
    return this.groups.get(group) ?? [];
  }

  async groupsOf(user: string): Promise<readonly string[]> {
    return [...this.groups].filter(([, users]) => users.includes(user)).map(([name]) => name);
  }
}

export function userNamed(name: string, more: Partial<Principal> = {}): Principal {
  return {
    kind: 'user',
    name,
    displayName: name[0]!.toUpperCase() + name.slice(1),
    emailAddresses: [`${name}@example.org`],
    quotaOctets: undefined,
    ...more,
  };
}

export function groupNamed(name: string): Principal {
  return {
    kind: 'group',
    name,
    displayName: `The ${name}`,
    emailAddresses: [],
    quotaOctets: undefined,
  };
}
