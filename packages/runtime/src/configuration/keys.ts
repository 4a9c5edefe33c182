/** The keys of riad.yaml that are the house's own: those of the file, and those of every service. */
import { z } from 'zod';
import { levels } from '../logging/log.ts';
import { parseListen } from './listen.ts';

const listenUrl = z.string().superRefine((url, context) => {
  const parsed = parseListen(url);
  if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
});

export const tlsKeys = z.strictObject({
  certificate: z.string().describe('File with the certificate chain in PEM.'),
  key: z.string().describe('File with the private key in PEM.'),
});

const log = z.enum(levels).describe('What to log at least.');
const user = z
  .string()
  .describe('System user that a service runs as when Riad is started by root.');

export const houseKeys = z.strictObject({
  state: z.string().default('./state').describe('Folder of everything Riad remembers.'),
  user: user.optional(),
  log: log.default('info'),
  services: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a name is a-z, then a-z, 0-9 and -, 32 at most'),
      z.looseObject({}),
    )
    .describe('The services by name; their keys follow.'),
});

export const serviceKeys = z.object({
  type: z.string().describe('Which service: the name of its folder under `services/`.'),
  listen: z
    .array(listenUrl)
    .default([])
    .describe('Addresses to serve: `udp+tcp://127.0.0.1:53`, `tls://[::]:853`, `http://…`.'),
  state: z.string().optional().describe('Its own folder; else its name inside `state`.'),
  user: user.optional(),
  tls: tlsKeys.optional().describe('Certificate for `tls://` and `https://`.'),
  log: log.optional(),
});

/** For docs/configuration.md. */
export const schemas = { 'The file': houseKeys, 'Every service': serviceKeys };
