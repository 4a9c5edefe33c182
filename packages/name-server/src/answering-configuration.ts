/** What may stand in riad.yaml for any service that answers for zones. */
import { totalmem } from 'node:os';
import { z } from 'zod';

/** Half of the machine's memory as address space, 2 GiB at most; pages are taken only when used. */
const defaultReserveMebibytes = Math.max(64, Math.min(2048, Math.floor(totalmem() / 2 ** 21)));

/** To be spread into the schema of a service. */
export const answeringKeys = {
  workers: z
    .int()
    .min(1)
    .max(32)
    .default(1)
    .describe('Threads that answer UDP; more than processors gain nothing.'),
  identity: z
    .string()
    .max(64)
    .default('')
    .describe('Told to who asks by NSID or for `id.server`; empty: not told.'),
  version: z
    .string()
    .max(255)
    .default('')
    .describe('Told to who asks for `version.server`; empty: refused.'),
  maxUdpOctets: z
    .int()
    .min(512)
    .max(4096)
    .default(1232)
    .describe('Largest answer over UDP, in octets.'),
  rateLimit: z
    .strictObject({
      responsesPerSecond: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(200)
        .describe('Equal answers a second to one network; 0: no limit.'),
      slip: z
        .int()
        .min(0)
        .max(1000)
        .default(2)
        .describe('Each so many-th limited answer leaves truncated; 0: none.'),
      ipv4PrefixBits: z
        .int()
        .min(8)
        .max(32)
        .default(24)
        .describe('Bits of an IPv4 address that make a network.'),
      ipv6PrefixBits: z
        .int()
        .min(16)
        .max(128)
        .default(56)
        .describe('Bits of an IPv6 address that make a network.'),
    })
    .prefault({})
    .describe('Response rate limiting over UDP.'),
  streams: z
    .strictObject({
      maxClients: z
        .int()
        .min(1)
        .max(65536)
        .default(2000)
        .describe('Connections over TCP and TLS at a time.'),
      maxClientsPerAddress: z
        .int()
        .min(1)
        .max(65536)
        .default(100)
        .describe('Of them from one address (IPv6: one /64).'),
      idleTimeoutSeconds: z
        .int()
        .min(1)
        .max(3600)
        .default(30)
        .describe('Seconds a connection may be silent.'),
    })
    .prefault({})
    .describe('TCP and TLS.'),
  cookieSecretFile: z
    .string()
    .optional()
    .describe(
      'File with 32 hexadecimal digits: servers of one address share it. Else one is made and kept in the state folder.',
    ),
  reserveMebibytes: z
    .int()
    .min(64)
    .max(2048)
    .default(defaultReserveMebibytes)
    .describe('Address space reserved for zones, in MiB; memory is taken only as it is used.'),
} as const;

const schema = z.strictObject(answeringKeys);
export type AnsweringConfig = z.infer<typeof schema>;
