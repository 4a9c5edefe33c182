/**
 * Lets a household move in: accounts first, then each user’s collections in one commit. What cannot be taken is named,
 * with where it lies and why, and the rest goes on; done twice, it finds all the same.
 */

import type { CalendarStorage } from '@riad/calendar-store/options';
import { AccountError } from '@riad/runtime/accounts/account-error';
import type { Accounts } from '@riad/runtime/accounts/accounts';
import { isDisplayName, isEmailAddress } from '@riad/runtime/accounts/names';
import { DavError } from '@riad/webdav/dav-error';
import type { Engine } from '@riad/webdav/engine';
import { formatHref } from '@riad/webdav/path/url-path';
import { type MovingCollection, type MovingMember, moveIn } from '@riad/webdav/resources/moving-in';
import type { Operation, Path, StoredAce } from '@riad/webdav/storage/storage';
import { actorOf } from '../memory/memory-commands.ts';
import type {
  Household,
  HouseholdCollection,
  HouseholdGroup,
  HouseholdItem,
  HouseholdUser,
} from './household.ts';

/** Of one commit: all of them are in memory, and its message has a line for each. */
export const maxTakeoverObjects = 20_000;
export const maxTakeoverOctets: number = 96 << 20;
/** Sentences of a report; more are counted. */
export const maxTakeoverSentences = 10_000;

export type TakenPerson = {
  readonly kind: 'user' | 'group';
  readonly name: string;
  readonly is: 'new' | 'changed' | 'same';
};

export type TakenCollection = {
  readonly path: string;
  readonly from: string;
  readonly is: 'new' | 'changed' | 'same' | 'refused';
  readonly objects: {
    readonly new: number;
    readonly changed: number;
    readonly same: number;
    readonly wrong: number;
  };
};

export type TakeoverReport = {
  readonly people: readonly TakenPerson[];
  readonly collections: readonly TakenCollection[];
  /** Each with where it lies, and why it stays there. */
  readonly wrong: readonly string[];
  /** What has no counterpart, or is otherwise here. */
  readonly remarks: readonly string[];
  /** None: nothing was written. */
  readonly revisions: readonly string[];
};

export type TakeoverParts = {
  readonly storage: CalendarStorage;
  readonly engine: Engine;
  readonly accounts: Accounts;
};

export type TakeoverOptions = {
  /** As the summary of the commit says where it comes from. */
  readonly source: string;
  readonly nowSeconds: number;
  readonly dryRun: boolean;
  /** In one commit; fewer for tests. */
  readonly maxObjects?: number;
};

export async function takeOver(
  parts: TakeoverParts,
  household: Household,
  options: TakeoverOptions,
): Promise<TakeoverReport> {
  const taking = new Takeover(parts, options);
  for await (const item of household) await taking.item(item);
  return taking.end();
}

type Waiting = {
  readonly said: HouseholdCollection;
  readonly path: Path;
  readonly acl: readonly StoredAce[];
  members: MovingMember[];
  from: string[];
};

class Takeover {
  readonly #parts: TakeoverParts;
  readonly #options: TakeoverOptions;
  readonly #people: TakenPerson[] = [];
  /** By name of the collection, in the order of their coming. */
  readonly #collections = new Map<
    string,
    { -readonly [Key in keyof TakenCollection]: TakenCollection[Key] }
  >();
  readonly #wrong: string[] = [];
  readonly #remarks: string[] = [];
  #unsaid = 0;
  readonly #revisions: string[] = [];
  readonly #uids = new Map<string, Map<string, string>>();
  /** Of one owner, until they are written. */
  #waiting: Waiting[] = [];
  #objects = 0;
  #octets = 0;
  /** The collection that objects belong to; undefined where it stays behind. */
  #current: Waiting | undefined;

  constructor(parts: TakeoverParts, options: TakeoverOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  async item(item: HouseholdItem): Promise<void> {
    switch (item.type) {
      case 'user':
        return this.#user(item);
      case 'group':
        return this.#group(item);
      case 'left':
        return this.#leave(item.from, item.reason);
      case 'remark':
        return this.#remark(item.text);
      case 'collection':
        return this.#collection(item);
      case 'object': {
        const current = this.#current;
        if (current === undefined) return this.#leave(item.from, 'so does its collection');
        const { name, octets, properties = [], acl = [] } = item;
        const metadata =
          properties.length + acl.length === 0
            ? undefined
            : { properties, acl: this.#knownOnly(acl, item.from) };
        current.members.push({ name, octets, metadata });
        current.from.push(item.from);
        this.#objects++;
        this.#octets += octets.length;
        const { maxObjects = maxTakeoverObjects } = this.#options;
        if (this.#objects >= maxObjects || this.#octets >= maxTakeoverOctets) await this.#flush();
      }
    }
  }

  async end(): Promise<TakeoverReport> {
    await this.#flush();
    if (this.#unsaid > 0) this.#remarks.push(`and ${this.#unsaid} sentences more`);
    return {
      people: this.#people,
      collections: [...this.#collections.values()],
      wrong: this.#wrong,
      remarks: this.#remarks,
      revisions: this.#revisions,
    };
  }

  async #user(user: HouseholdUser): Promise<void> {
    const { name, displayName, emailAddresses = [], passwordHash } = user;
    const { accounts } = this.#parts;
    const found = accounts.user(name);
    if (found !== undefined) {
      this.#people.push({ kind: 'user', name, is: 'same' });
      if (found.hasOldPassword) this.#remark(`${name} has not logged in yet`);
      if (passwordHash !== undefined && !found.hasPassword)
        this.#remark(`${name} has an account without a password; the one of before is not set`);
      return;
    }
    try {
      if (!this.#options.dryRun)
        await accounts.addUser({
          name,
          ...(displayName !== undefined && isDisplayName(displayName) ? { displayName } : {}),
          emailAddresses: emailAddresses.filter(
            (address) => isEmailAddress(address) && accounts.find(address) === undefined,
          ),
          ...(passwordHash === undefined ? {} : { passwordHash }),
        });
      else if (accounts.group(name) !== undefined)
        throw new AccountError('account.exists', `${name} is taken already`);
      this.#people.push({ kind: 'user', name, is: 'new' });
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      this.#leave(`user ${name}`, error.message);
    }
  }

  #group({ name, displayName, members }: HouseholdGroup): void {
    const { accounts } = this.#parts;
    const found = accounts.group(name);
    const more = members.filter((member) => !(found?.members.includes(member) ?? false));
    try {
      if (found === undefined && accounts.user(name) !== undefined)
        throw new AccountError('account.exists', `${name} is a user here`);
      if (!this.#options.dryRun) {
        if (found === undefined)
          accounts.addGroup(
            name,
            displayName !== undefined && isDisplayName(displayName) ? displayName : name,
          );
        for (const member of more) this.#member(name, member);
      }
      const is = found === undefined ? 'new' : more.length > 0 ? 'changed' : 'same';
      this.#people.push({ kind: 'group', name, is });
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      this.#leave(`group ${name}`, error.message);
    }
  }

  #member(group: string, user: string): void {
    try {
      this.#parts.accounts.addMember(group, user);
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      this.#leave(`${user} in group ${group}`, error.message);
    }
  }

  async #collection(said: HouseholdCollection): Promise<void> {
    const { owner, name, kind, from } = said;
    this.#current = undefined;
    if (this.#waiting[0] !== undefined && this.#waiting[0].said.owner !== owner)
      await this.#flush();
    if (!this.#isUser(owner)) return this.#leave(from, `there is no user ${owner}`);
    const path = [kind === 'calendar' ? 'calendars' : 'addressbooks', owner, name];
    const key = formatHref(path, true);
    const other = this.#collections.get(key);
    if (other !== undefined) return this.#leave(from, `${key} is ${other.from} already`);
    this.#collections.set(key, {
      path: key,
      from,
      is: 'same',
      objects: { new: 0, changed: 0, same: 0, wrong: 0 },
    });
    this.#current = { said, path, acl: this.#knownOnly(said.acl, from), members: [], from: [] };
    this.#waiting.push(this.#current);
  }

  /** Entries for those who are here, or are about to be. */
  #knownOnly(acl: readonly StoredAce[], from: string): StoredAce[] {
    return acl.filter(({ principal }) => {
      const known =
        principal.kind === 'user'
          ? this.#isUser(principal.name)
          : principal.kind !== 'group' || this.#isGroup(principal.name);
      if (!known && 'name' in principal)
        this.#remark(`${from}: shared with ${principal.name}, who is not here`);
      return known;
    });
  }

  #isUser(name: string): boolean {
    return this.#has('user', name) || this.#parts.accounts.user(name) !== undefined;
  }

  #isGroup(name: string): boolean {
    return this.#has('group', name) || this.#parts.accounts.group(name) !== undefined;
  }

  #has(kind: 'user' | 'group', name: string): boolean {
    return this.#people.some((one) => one.kind === kind && one.name === name);
  }

  /** One commit, of one owner. */
  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    const owner = waiting[0]?.said.owner;
    if (owner === undefined) return;
    const { storage, engine } = this.#parts;
    const { source, nowSeconds, dryRun } = this.#options;
    try {
      const { outcomes, written } = await moveIn(engine, {
        owner,
        collections: waiting.map(({ said, path, acl, members }): MovingCollection => {
          const { kind, components, properties } = said;
          return { path, kind, components, metadata: { properties, acl }, members };
        }),
        uids: this.#uids,
        actor: actorOf(owner, 'TAKEOVER'),
        summary: (operations) => summaryOf(owner, source, operations),
        nowSeconds,
        dryRun,
      });
      if (written) this.#revisions.push(storage.store.head!);
      for (const [index, outcome] of outcomes.entries()) {
        const { path, from, said } = waiting[index]!;
        const told = this.#collections.get(formatHref(path, true))!;
        if (told.is === 'same') told.is = outcome.is;
        if (outcome.is === 'refused') this.#leave(said.from, outcome.sentence ?? '');
        for (const { name, sentence } of outcome.properties)
          this.#remark(`${said.from}: property ${name}: ${sentence}`);
        const objects = { ...told.objects };
        for (const [at, member] of outcome.members.entries()) {
          objects[member.is === 'refused' ? 'wrong' : member.is]++;
          if (member.is === 'refused' && outcome.is !== 'refused')
            this.#leave(from[at]!, member.sentence ?? '');
        }
        told.objects = objects;
      }
    } catch (error) {
      if (!(error instanceof DavError)) throw error;
      // What stands in the way of all: the quota, the disk, a lock.
      for (const { said, path, members } of waiting) {
        const told = this.#collections.get(formatHref(path, true))!;
        told.is = 'refused';
        told.objects = { ...told.objects, wrong: told.objects.wrong + members.length };
        this.#leave(said.from, error.sentence || error.message);
      }
    }
    this.#objects = 0;
    this.#octets = 0;
    // The next objects may belong to the same collection still.
    const current = this.#current;
    if (current !== undefined) {
      current.members = [];
      current.from = [];
    }
    this.#waiting = current === undefined ? [] : [current];
  }

  #leave(from: string, reason: string): void {
    this.#say(this.#wrong, `${from}: ${reason}`);
  }

  #remark(text: string): void {
    this.#say(this.#remarks, text);
  }

  #say(sentences: string[], sentence: string): void {
    if (sentences.length < maxTakeoverSentences) sentences.push(sentence);
    else this.#unsaid++;
  }
}

function summaryOf(owner: string, source: string, operations: readonly Operation[]): string {
  const collections = operations.filter(
    (one) => one.type === 'make-collection' && one.path.length === 3,
  ).length;
  const objects = operations.filter(({ type }) => type === 'put').length;
  const made = collections === 0 ? '' : ` and ${collections} collections`;
  return `${owner}: ${objects} objects${made} taken over from ${source}`;
}
