/** How primaries are reached: who is asked for which zone, on which port, with which key, and over what. */
import { readFileSync } from 'node:fs';
import { equalNames, formatName, isSubdomain, type Name } from '@riad/dns/name';
import type { StreamStyle } from '@riad/dns/tsig/sign-stream';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import type { KeyRing } from '@riad/dns-server/access/key-ring';
import type { Primary } from '@riad/dns-server/secondary/secondary-zone';
import type { StreamTarget } from '@riad/net/streams/message-client';
import type { DnsSecondaryConfig } from './config.ts';
import type { RecordedPrimary } from './copy-records.ts';
import { canonicalText, nameOf } from './zone-name.ts';

export type ConfiguredPrimary = DnsSecondaryConfig['primaries'][number];

export type Reached = {
  readonly target: StreamTarget;
  /** Undefined: unsigned. */
  readonly key: TsigKey | undefined;
  readonly style: StreamStyle;
};

export class Reach {
  readonly #ring: () => KeyRing;
  readonly #resolvePath: (path: string) => string;
  readonly #byAddress: ReadonlyMap<string, ConfiguredPrimary>;
  /** What was configured for a primary of one zone; the engine hands the same object back. */
  readonly #configured = new WeakMap<Primary, ConfiguredPrimary>();

  constructor(
    ring: () => KeyRing,
    table: readonly ConfiguredPrimary[],
    resolvePath: (path: string) => string,
  ) {
    this.#ring = ring;
    this.#resolvePath = resolvePath;
    this.#byAddress = new Map(table.map((entry) => [entry.address, entry]));
  }

  /** Those that are configured for a zone. */
  configured(zone: Name, entries: readonly ConfiguredPrimary[]): Primary[] {
    return entries.map((entry) => {
      const key =
        entry.key === undefined ? this.#keyFor(zone, entry.address) : canonicalText(entry.key);
      const primary = { endpoint: { address: entry.address, port: portOf(entry) }, key };
      this.#configured.set(primary, entry);
      return primary;
    });
  }

  /** Those in the names of keys, for exactly this zone before those for every zone. */
  ofKeys(zone: Name): Primary[] {
    return this.#ring()
      .primariesOf(zone)
      .map(({ address, key }) => this.known({ address, port: 53, key: formatName(key.name) }));
  }

  known({ address, port, key }: RecordedPrimary): Primary {
    const entry = this.#byAddress.get(address);
    const primary = {
      endpoint: { address, port: entry === undefined ? port : portOf(entry) },
      key: entry?.key === undefined ? key : canonicalText(entry.key),
    };
    if (entry !== undefined) this.#configured.set(primary, entry);
    return primary;
  }

  /** A sentence where it cannot be asked as it should be. Files are read anew each time, for they are renewed. */
  reach(primary: Primary): Reached | string {
    const { endpoint, key: keyName } = primary;
    const entry = this.#configured.get(primary) ?? this.#byAddress.get(endpoint.address);
    const key = keyName === undefined ? undefined : this.#ring().signingKey(nameOf(keyName));
    if (keyName !== undefined && key === undefined) return `there is no key ${keyName}`;
    const port = entry === undefined ? endpoint.port : portOf(entry);
    const style = entry?.eachMessageAlone === true ? 'each-alone' : 'chained';
    try {
      const tls = entry?.tls === undefined ? undefined : this.#tls(entry.tls);
      return { target: { address: endpoint.address, port, tls }, key, style };
    } catch (error) {
      return (error as Error).message; // a file that cannot be read
    }
  }

  #tls(files: NonNullable<ConfiguredPrimary['tls']>): StreamTarget['tls'] {
    const read = (path: string): string => readFileSync(this.#resolvePath(path), 'utf8');
    const { name, caFile, pins, certificateFile, keyFile } = files;
    return {
      name,
      authorities: caFile === undefined ? undefined : read(caFile),
      pins,
      own:
        certificateFile === undefined || keyFile === undefined
          ? undefined
          : { certificate: read(certificateFile), key: read(keyFile) },
    };
  }

  /** The key whose name has this address as the primary of the zone. */
  #keyFor(zone: Name, address: string): string | undefined {
    const fitting = [...this.#ring().keys()].filter(
      ({ grant }) =>
        grant !== undefined &&
        grant.right !== 'notify' &&
        grant.peers?.primary === address &&
        isSubdomain(zone, grant.zone),
    );
    const exact = fitting.find(({ grant }) => equalNames(grant!.zone, zone));
    const found = exact ?? fitting[0];
    return found === undefined ? undefined : formatName(found.name);
  }
}

function portOf({ port, tls }: ConfiguredPrimary): number {
  return port ?? (tls === undefined ? 53 : 853); // RFC 9103 §7.1
}
