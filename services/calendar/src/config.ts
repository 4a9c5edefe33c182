/** What may stand in riad.yaml for a service of type `calendar`. */
import {
  hookSecretFile,
  remotePaths,
  remoteRepository,
} from '@riad/runtime/configuration/remote-repository';
import type { AllowedPaths, Protocol } from '@riad/runtime/service';
import { z } from 'zod';

export const title = 'a server of calendars and contacts';
export const protocols: readonly Protocol[] = ['http', 'https'];
export const accounts = true;

const origin = z
  .string()
  .regex(
    /^https?:\/\/[^/\s?#]+$/,
    'no origin: https://HOST or https://HOST:PORT, nothing behind it',
  );

export const schema = z.strictObject({
  url: origin
    .optional()
    .describe(
      'How clients reach the service, as `https://dav.example.org`; for links. Unless given, as each request says.',
    ),
  domain: z
    .string()
    .regex(/^[a-z0-9.-]+$/, 'no domain in lower case')
    .optional()
    .describe(
      'Mail domain of the users: `ann@example.org` may log in as `ann` then, and the other way.',
    ),
  timeZone: z
    .string()
    .default('UTC')
    .refine((zone) => {
      try {
        new Intl.DateTimeFormat('en', { timeZone: zone }).format(0);
        return true;
      } catch {
        return false;
      }
    }, 'no time zone: a name as Europe/Berlin')
    .describe('Zone of dates and floating times where neither request nor calendar names one.'),
  trustOnFirstUse: z
    .boolean()
    .default(false)
    .describe(
      'Whoever logs in with a name that nobody has gets an account of that name. For public test servers only.',
    ),
  proxy: z
    .strictObject({
      addresses: z
        .array(z.string())
        .describe('Addresses of proxies whose forwarding headers (X-Forwarded-*) are believed.'),
      userHeader: z
        .string()
        .regex(/^[A-Za-z0-9-]{1,64}$/, 'no name of a header')
        .optional()
        .describe('Header in which these proxies name the user who has logged in with them.'),
    })
    .optional()
    .describe('What stands before this service and speaks for clients.'),
  allowedOrigins: z
    .array(z.union([origin, z.literal('*')]))
    .max(64)
    .default([])
    .describe(
      'Web pages of other origins that may use the service from a browser (CORS); `*` for all.',
    ),
  branch: z.string().default('main').describe('Branch of the repository that has the calendars.'),
  remote: remoteRepository.optional(),
  hookSecretFile: hookSecretFile.optional(),
});

export type CalendarConfig = z.output<typeof schema>;

export function paths({ remote, hookSecretFile }: CalendarConfig): AllowedPaths {
  return remotePaths(remote, hookSecretFile);
}
