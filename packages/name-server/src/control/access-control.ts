/** Who may do what now: the keys, the policy and the address lists in force, and a log of who may not. */
import { formatName, type Name } from '@riad/dns/name';
import type { Operation } from '@riad/dns-server/access/address-list';
import { KeyRing } from '@riad/dns-server/access/key-ring';
import {
  type AccessRules,
  accessReasons,
  defaultAccess,
  permits,
} from '@riad/dns-server/access/rights';
import type { Log } from '@riad/runtime/logging/log';
import type { Request } from '../request-opening.ts';

export class AccessControl {
  #ring = new KeyRing();
  #rules: AccessRules = defaultAccess;
  readonly #log: Log;
  readonly #replaced: (ring: KeyRing, rules: AccessRules) => void;

  /** `replaced` hears what is in force from now on. */
  constructor(log: Log, replaced: (ring: KeyRing, rules: AccessRules) => void = () => {}) {
    this.#log = log;
    this.#replaced = replaced;
  }

  get ring(): KeyRing {
    return this.#ring;
  }

  get rules(): AccessRules {
    return this.#rules;
  }

  replace(ring: KeyRing, rules: AccessRules): void {
    this.#ring = ring;
    this.#rules = rules;
    this.#replaced(ring, rules);
  }

  /** Whether a request may; if not, that is logged, and the sentence says why. */
  refusal(operation: Operation, zone: Name, request: Request): string | undefined {
    const { from, signed, now } = request;
    const permission = permits(
      { operation, zone, key: signed?.key, address: from.addressOctets, port: from.port, now },
      this.#rules,
    );
    if (permission.permitted) return undefined;
    const sentence = accessReasons[permission.reason];
    this.#log.warn('request refused', {
      operation,
      zone: formatName(zone),
      from: from.address,
      key: signed === undefined ? undefined : formatName(signed.key.name),
      reason: sentence,
    });
    return sentence;
  }
}
