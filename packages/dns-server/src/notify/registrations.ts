/**
 * Secondaries that wait for NOTIFY on connections of their own: a signed query for the SOA of a zone over
 * TCP makes the primary remember the connection, one for the root every zone that is hosted, now and
 * later. So a secondary behind NAT hears of changes through its one outgoing connection.
 *
 * Registrations belong to the connection, not to the address it comes from: two clients behind one
 * NAT do not share them, and closing a connection ends its own only.
 *
 * Not here: whether the key may transfer the zone, which is asked before.
 */
import { type Name, nameKey } from '@riad/dns/name';
import type { KeyName, NotifyTarget } from './notify-sender.ts';

/** A connection that asks for more zones one by one has a root key to use instead. */
export const maxZonesOfConnection = 1000;
/** Connections are limited where they are accepted; this is for all of them together. */
export const maxRegistrations = 20_000;

type Registered = {
  /** Zones by name, each with the key it was asked with. */
  readonly zones: Map<string, KeyName>;
  /** The key with which the root was asked for. */
  root: KeyName | undefined;
};

export class Registrations {
  readonly #connections = new Map<number, Registered>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /**
   * Remembers that `connection` wants to hear of `zone`. True if that is news; then for the root a NOTIFY
   * for each hosted zone is due at once. A repeated query is not, so that who repeats it is not told all
   * again.
   */
  register(connection: number, zone: Name, key: KeyName): boolean {
    const present = this.#connections.get(connection);
    const registered: Registered = present ?? { zones: new Map(), root: undefined };
    if (zone.length === 1) {
      const known = registered.root === key;
      if (registered.root === undefined && !this.#hasRoom(registered)) return false;
      if (registered.root === undefined) this.#count++;
      registered.root = key;
      this.#connections.set(connection, registered);
      return !known;
    }
    const name = nameKey(zone);
    const before = registered.zones.get(name);
    if (before === undefined && !this.#hasRoom(registered)) return false;
    if (before === undefined) this.#count++;
    registered.zones.set(name, key);
    this.#connections.set(connection, registered);
    return before !== key;
  }

  #hasRoom({ zones }: Registered): boolean {
    return this.#count < maxRegistrations && zones.size < maxZonesOfConnection;
  }

  /** The connection closed. True if it had registered anything. */
  closed(connection: number): boolean {
    const registered = this.#connections.get(connection);
    if (registered === undefined) return false;
    this.#connections.delete(connection);
    this.#count -= registered.zones.size + (registered.root === undefined ? 0 : 1);
    return true;
  }

  /** A key went, and with it what was registered with it. */
  keyRemoved(key: KeyName): void {
    for (const [connection, registered] of this.#connections) {
      if (registered.root === key) {
        registered.root = undefined;
        this.#count--;
      }
      for (const [zone, zoneKey] of registered.zones) {
        if (zoneKey !== key) continue;
        registered.zones.delete(zone);
        this.#count--;
      }
      if (registered.root === undefined && registered.zones.size === 0) {
        this.#connections.delete(connection);
      }
    }
  }

  /** Who is to be told of a change of `zone`: those who asked for it, and for the root. */
  targetsOf(zone: Name): NotifyTarget[] {
    const targets: NotifyTarget[] = [];
    const name = nameKey(zone);
    for (const [connection, { zones, root }] of this.#connections) {
      const key = zones.get(name) ?? root;
      if (key !== undefined) targets.push({ via: 'connection', connection, key });
    }
    return targets;
  }
}
