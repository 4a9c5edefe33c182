/** A git repository elsewhere that a service keeps its own in step with: what may stand in riad.yaml about it. */
import { z } from 'zod';
import type { AllowedPaths } from '../service.ts';

export const remoteRepository = z
  .strictObject({
    url: z.string().describe('`https://…`, `ssh://…`, `user@host:path`, or a path.'),
    branch: z.string().optional().describe('Branch there; the same unless given.'),
    keyFile: z.string().optional().describe('Private key for ssh; else the agent is asked.'),
    knownHostsFile: z.string().optional().describe('Hosts that are trusted over ssh.'),
    tokenFile: z.string().optional().describe('File with a password or token for https.'),
    user: z.string().optional().describe('User for https with a token.'),
    pullSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(60)
      .describe('Seconds between pulls; 0: only when a NOTIFY or hook says so.'),
  })
  .describe('Repository elsewhere that this one is kept in step with, both ways.');

export const hookSecretFile = z
  .string()
  .describe('File with the secret of `POST /hooks/git`, by which a forge tells of a push.');

/** What a confined service has to reach for it; git writes into a repository that is only a path. */
export function remotePaths(
  remote: z.output<typeof remoteRepository> | undefined,
  secretFile: string | undefined,
): Required<AllowedPaths> {
  const files = [secretFile, remote?.keyFile, remote?.knownHostsFile, remote?.tokenFile];
  return {
    read: files.filter((file) => file !== undefined),
    write: remote !== undefined && isPath(remote.url) ? [remote.url] : [],
  };
}

/** A repository in the file system, and no address. */
function isPath(url: string): boolean {
  return !/^[\w.+-]+:\/\/|^[\w.-]+@[\w.-]+:/.test(url);
}
