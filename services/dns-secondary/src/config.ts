/** What may stand in riad.yaml for a service of type `dns-secondary`. */
import { parseName } from '@riad/dns/name';
import {
  accessDescription,
  addressListKey,
  notifyingKeys,
  queryKey,
} from '@riad/name-server/access/access-configuration';
import { answeringKeys } from '@riad/name-server/answering-configuration';
import type { AllowedPaths, FileCheck, Kept, Protocol } from '@riad/runtime/service';
import { z } from 'zod';

export const title = 'a secondary name server';
export const protocols: readonly Protocol[] = ['udp', 'tcp', 'tls'];

const name = z.string().refine(isName, 'no domain name');

const primaryKeys = {
  address: z.union([z.ipv4(), z.ipv6()]).describe('Where it is.'),
  port: z.int().min(1).max(65535).optional().describe('On which port; else 53, with TLS 853.'),
  key: name
    .optional()
    .describe('Name of the key to sign with; else one whose name has this address as primary.'),
  tls: z
    .strictObject({
      name: z
        .hostname()
        .optional()
        .describe('Whose certificate it has to have; else that of the address.'),
      caFile: z
        .string()
        .optional()
        .describe('File with the authorities to trust, PEM; else those of the system.'),
      pins: z
        .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'no SHA-256 in base64'))
        .max(8)
        .default([])
        .describe(
          'SHA-256 of public keys (SPKI) in base64, one of which it has to have; without name and authorities that is enough.',
        ),
      certificateFile: z.string().optional().describe('Our own certificate to show, PEM.'),
      keyFile: z.string().optional().describe('Its private key, PEM.'),
    })
    .refine(
      ({ certificateFile, keyFile }) => (certificateFile === undefined) === (keyFile === undefined),
      'certificateFile and keyFile go together',
    )
    .optional()
    .describe('Ask and transfer over TLS (RFC 9103).'),
  eachMessageAlone: z
    .boolean()
    .default(false)
    .describe(
      'It signs the messages of a transfer as ocaml-dns does: each as if it were the only one.',
    ),
} as const;

const primaries = z.array(z.strictObject(primaryKeys)).max(16).default([]);

export const schema = z.strictObject({
  zones: z
    .array(
      z.strictObject({
        name: name.describe('The zone.'),
        primaries: primaries.describe(
          'Who has it, in the order in which they are asked; none: those in the names of keys.',
        ),
      }),
    )
    .max(10_000)
    .default([])
    .describe(
      'Zones to keep copies of, besides those in the names of keys (`PRIMARY.SECONDARY._transfer.ZONE`), of catalogs, and those that NOTIFY signed with a `_transfer` key brings.',
    ),
  catalogs: z
    .array(
      z.strictObject({
        name: name.describe('The catalog zone (RFC 9432).'),
        primaries: primaries.describe('Who has it.'),
        memberPrimaries: primaries.describe('Who has the zones in it; none: who has the catalog.'),
      }),
    )
    .max(64)
    .default([])
    .describe('Catalog zones whose members are kept, too, for as long as they are in it.'),
  primaries: z
    .array(z.strictObject(primaryKeys))
    .max(1000)
    .default([])
    .describe(
      'How those are reached that keys and NOTIFY name, by their address; else port 53, without TLS.',
    ),
  maxAddedPerKey: z
    .int()
    .min(0)
    .max(100_000)
    .default(1000)
    .describe('Zones that NOTIFY signed with one key may bring; 0: none.'),
  keys: z
    .string()
    .optional()
    .describe(
      'Folder of key files (`_keys`, `ZONE._keys`) and `_policy.yaml`, besides the keys in the state folder.',
    ),
  access: z
    .strictObject({
      query: queryKey,
      notify: addressListKey.describe(
        'Who, besides primaries, may tell unsigned that a zone has changed.',
      ),
      transfer: addressListKey.describe('Who may have whole zones without a key.'),
    })
    .prefault({})
    .describe(accessDescription),
  ...notifyingKeys,
  ...answeringKeys,
});

export type DnsSecondaryConfig = z.infer<typeof schema>;

export function udpShards(config: DnsSecondaryConfig): number {
  return config.workers;
}

export function paths(config: DnsSecondaryConfig): AllowedPaths {
  const tls = allPrimaries(config).flatMap(({ tls: files }) => [
    files?.caFile,
    files?.certificateFile,
    files?.keyFile,
  ]);
  const read = [config.keys, config.cookieSecretFile, ...tls].filter((path) => path !== undefined);
  return { read: [...new Set(read)] };
}

/** A snapshot of the image is made again from transfers and journal, and is as large as all of them. */
export function kept({ keys }: DnsSecondaryConfig): Kept {
  return {
    derived: ['zones.snapshot'],
    folders: keys === undefined ? {} : { keys },
    repositories: {},
  };
}

/** Files that are named and not there: a primary that cannot be checked is not asked. */
export async function check(
  config: DnsSecondaryConfig,
  resolvePath: (path: string) => string,
): Promise<FileCheck> {
  const { existsSync } = await import('node:fs');
  const missing = (paths(config).read ?? []).filter((path) => !existsSync(resolvePath(path)));
  return { complaints: missing.map((path) => `${path}: there is no such file`), remarks: [] };
}

function allPrimaries(
  config: DnsSecondaryConfig,
): readonly DnsSecondaryConfig['primaries'][number][] {
  return [
    ...config.primaries,
    ...config.zones.flatMap((zone) => zone.primaries),
    ...config.catalogs.flatMap((catalog) => [...catalog.primaries, ...catalog.memberPrimaries]),
  ];
}

function isName(text: string): boolean {
  try {
    parseName(text.endsWith('.') ? text : `${text}.`);
    return true;
  } catch {
    return false;
  }
}
