/** What may stand in riad.yaml about who may do what, and who is told of changes. */
import { maxAddressEntries, parseAddressEntry } from '@riad/dns-server/access/address-list';
import { z } from 'zod';

const addressList = z
  .array(z.string().refine((text) => typeof parseAddressEntry(text) !== 'string', 'no address'))
  .max(maxAddressEntries);

export const addressListKey = addressList.default([]);

/** Who may ask. */
export const queryKey = addressList
  .optional()
  .describe(
    'Who may ask without a key, besides those under `transfer`; everybody unless given. Others are refused.',
  );

export const accessDescription =
  'Addresses that may do without a key what otherwise takes one: `ADDRESS`, `ADDRESS/BITS`, either with `@PORT`, or `any`.';

/** To be spread into the schema of a service. */
export const notifyingKeys = {
  alsoNotify: z
    .array(
      z.strictObject({
        address: z.union([z.ipv4(), z.ipv6()]).describe('Where it listens.'),
        port: z.int().min(1).max(65535).default(53).describe('On which port.'),
        key: z.string().optional().describe('Name of the key to sign with; unsigned without.'),
      }),
    )
    .max(64)
    .default([])
    .describe(
      'Who is told of changes besides the name servers of the zone and the peers in the names of keys.',
    ),
} as const;
