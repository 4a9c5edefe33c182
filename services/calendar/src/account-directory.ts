/** Accounts as the engine wants to know them. */
import type { Accounts, User } from '@riad/runtime/accounts/accounts';
import type { Directory, Principal } from '@riad/webdav/storage/directory';

export class AccountDirectory implements Directory {
  readonly #accounts: Accounts;
  readonly #domain: string | undefined;

  /** `domain`: users have an address there, if they have none of their own. */
  constructor(accounts: Accounts, domain: string | undefined) {
    this.#accounts = accounts;
    this.#domain = domain;
  }

  async principal(kind: 'user' | 'group', name: string): Promise<Principal | undefined> {
    if (kind === 'user') {
      const user = this.#accounts.user(name);
      return user === undefined || user.disabled ? undefined : this.#ofUser(user);
    }
    const group = this.#accounts.group(name);
    return group === undefined ? undefined : ofGroup(group.name, group.displayName);
  }

  async principals(limit: number): Promise<readonly Principal[]> {
    const users = this.#accounts.users(limit).filter(({ disabled }) => !disabled);
    const groups = this.#accounts.groups(limit);
    return [
      ...users.map((user) => this.#ofUser(user)),
      ...groups.map(({ name, displayName }) => ofGroup(name, displayName)),
    ]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, limit);
  }

  async membersOf(group: string): Promise<readonly string[]> {
    return this.#accounts.membersOf(group);
  }

  async groupsOf(user: string): Promise<readonly string[]> {
    return this.#accounts.groupsOf(user);
  }

  #ofUser({ name, displayName, emailAddresses, quotaOctets }: User): Principal {
    const own =
      emailAddresses.length > 0 || this.#domain === undefined || name.includes('@')
        ? emailAddresses
        : [`${name}@${this.#domain}`];
    return { kind: 'user', name, displayName, emailAddresses: own, quotaOctets };
  }
}

function ofGroup(name: string, displayName: string): Principal {
  return { kind: 'group', name, displayName, emailAddresses: [], quotaOctets: undefined };
}
