/** Who there is: what the engine needs to know of accounts. Names are those in paths. */

export type Principal = {
  readonly kind: 'user' | 'group';
  readonly name: string;
  readonly displayName: string;
  /** `ann@example.org`; the first is preferred. Without any, the principal's URL is the only address. */
  readonly emailAddresses: readonly string[];
  /** Of a user, octets; undefined: no limit. */
  readonly quotaOctets: number | undefined;
};

export interface Directory {
  principal(kind: 'user' | 'group', name: string): Promise<Principal | undefined>;
  /** By name; at most `limit`. */
  principals(limit: number): Promise<readonly Principal[]>;
  /** Names of users in a group, and of groups that a user is in. Groups hold users only. */
  membersOf(group: string): Promise<readonly string[]>;
  groupsOf(user: string): Promise<readonly string[]>;
}
