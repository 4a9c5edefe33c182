/**
 * All keys of a server, from all files. A ring never changes: reading the files again gives another,
 * and `ringChanges` tells what that means for who is registered under a key.
 */
import type { Name } from '@riad/dns/name';
import { equalNames, nameKey } from '@riad/dns/name';
import type { HmacAlgorithm } from '@riad/dns/tsig/hmac';
import type { KeyLookup, TsigKey } from '@riad/dns/tsig/tsig-key';
import { equalOctets } from '@riad/octets/ascii';
import { type KeyGrant, readKeyName } from './key-name.ts';

/** Keys of one server: one for each host and peer of a small organisation, and much more. */
export const maxKeys = 10_000;

export type RingKey = {
  /** In lower case. */
  readonly name: Name;
  /** The newest first: one, or two while the older is being replaced. */
  readonly secrets: readonly TsigKey[];
  /** What its name grants; undefined: nothing. */
  readonly grant: KeyGrant | undefined;
  readonly file: string;
  readonly line: number;
};

/** An address to tell of changes, and the key to sign with. */
export type KeyPeer = { readonly address: string; readonly key: TsigKey };

export class KeyRing {
  readonly #byName: ReadonlyMap<string, RingKey>;

  /** Of keys with one name the first is taken; beyond `maxKeys` none. */
  constructor(keys: Iterable<RingKey> = []) {
    const byName = new Map<string, RingKey>();
    for (const key of keys) {
      const name = nameKey(key.name);
      if (byName.size < maxKeys && !byName.has(name)) byName.set(name, key);
    }
    this.#byName = byName;
  }

  get size(): number {
    return this.#byName.size;
  }

  keys(): Iterable<RingKey> {
    return this.#byName.values();
  }

  find(name: Name): RingKey | undefined {
    return this.#byName.get(nameKey(name));
  }

  /** For verifying: the algorithm is part of the key (RFC 8945 §5.2.1). */
  readonly lookup: KeyLookup = (name: Name, algorithm: HmacAlgorithm) =>
    this.find(name)?.secrets.filter((secret) => secret.algorithm === algorithm) ?? [];

  /** For signing what we begin ourselves: the newest secret. */
  signingKey(name: Name): TsigKey | undefined {
    return this.find(name)?.secrets[0];
  }

  /** Secondaries in the names of keys for exactly this zone or for the root, to be told of changes. */
  peersOf(zone: Name): readonly KeyPeer[] {
    return this.#peers(zone, ({ grant }) => grant?.peers?.secondary);
  }

  /** Primaries of a zone, those of keys for exactly this zone before those of keys for the root. */
  primariesOf(zone: Name): readonly KeyPeer[] {
    return this.#peers(zone, ({ grant }) => grant?.peers?.primary);
  }

  #peers(zone: Name, addressOf: (key: RingKey) => string | undefined): readonly KeyPeer[] {
    const exact: KeyPeer[] = [];
    const ofRoot: KeyPeer[] = [];
    for (const key of this.#byName.values()) {
      const address = addressOf(key);
      const [newest] = key.secrets;
      if (address === undefined || newest === undefined || key.grant === undefined) continue;
      // Unlike rights, peers do not reach downward.
      if (equalNames(key.grant.zone, zone)) exact.push({ address, key: newest });
      else if (key.grant.zone.length === 1) ofRoot.push({ address, key: newest });
    }
    return [...exact, ...ofRoot];
  }
}

export function ringKey(
  secrets: readonly TsigKey[],
  place: { readonly file: string; readonly line: number },
): RingKey {
  const [newest] = secrets;
  if (newest === undefined) throw new RangeError('a key without a secret');
  const reading = readKeyName(newest.name);
  return {
    name: newest.name,
    secrets,
    grant: reading.grants ? reading.grant : undefined,
    file: place.file,
    line: place.line,
  };
}

export type RingChanges = {
  readonly added: readonly RingKey[];
  /** Their registrations and pending notifications end. */
  readonly removed: readonly RingKey[];
  /** Other secrets under the same name, as they are now. */
  readonly changed: readonly RingKey[];
};

export function ringChanges(before: KeyRing, after: KeyRing): RingChanges {
  const added: RingKey[] = [];
  const changed: RingKey[] = [];
  for (const key of after.keys()) {
    const old = before.find(key.name);
    if (old === undefined) added.push(key);
    else if (!sameSecrets(old.secrets, key.secrets)) changed.push(key);
  }
  const removed = [...before.keys()].filter((key) => after.find(key.name) === undefined);
  return { added, removed, changed };
}

function sameSecrets(a: readonly TsigKey[], b: readonly TsigKey[]): boolean {
  return (
    a.length === b.length &&
    a.every((key, i) => {
      const other = b[i]!;
      return key.algorithm === other.algorithm && equalOctets(key.secret, other.secret);
    })
  );
}
