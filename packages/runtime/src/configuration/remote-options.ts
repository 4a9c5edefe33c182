/** A remote repository as riad.yaml has it, as the words that open one. No zod: services start without it. */

export type RemoteConfig = {
  readonly url: string;
  readonly branch?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly knownHostsFile?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly user?: string | undefined;
  readonly pullSeconds: number;
};

export type RemoteWords = {
  readonly url: string;
  readonly pullIntervalMs: number;
  readonly branch?: string;
  readonly keyFile?: string;
  readonly knownHostsFile?: string;
  readonly tokenFile?: string;
  readonly user?: string;
};

export function remoteOptions(
  remote: RemoteConfig,
  resolvePath: (path: string) => string,
): RemoteWords {
  const { url, pullSeconds, branch, user, keyFile, knownHostsFile, tokenFile } = remote;
  const file = (path: string | undefined): string | undefined => path && resolvePath(path);
  const optional = {
    branch,
    user,
    keyFile: file(keyFile),
    knownHostsFile: file(knownHostsFile),
    tokenFile: file(tokenFile),
  };
  return {
    url,
    pullIntervalMs: pullSeconds * 1000,
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as Record<string, string>),
  };
}
