/** Addresses of repositories elsewhere: which are taken, and how they are told of. */

/** `https://…`, `ssh://…`, `user@host:path`, or a path; `http://` to this machine alone. RangeError for others. */
export function checkUrl(url: string): void {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url) ?? [];
  const local = /^http:\/\/(?:[^/@]*@)?(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?(?:\/|$)/i.test(
    url,
  );
  const known = scheme === undefined || /^(?:https|ssh|file)$/i.test(scheme) || local;
  // `helper::address` runs a program; what begins with a dash would be an option.
  if (
    url === '' ||
    !known ||
    /^[a-z0-9+.-]+::/i.test(url) ||
    url.startsWith('-') ||
    /\p{Cc}/u.test(url)
  ) {
    throw new RangeError(`url: ${withoutSecrets(url)} is no https, ssh or file URL, and no path`);
  }
}

/** For people and logs. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z0-9+.-]+:\/\/)[^/@]*@/i, '$1');
}
