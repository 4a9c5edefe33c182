/**
 * BIND's `named`, authoritative only. Where it departs from the defaults of 9.18, and why:
 * - `recursion no`, `empty-zones-enable no`: nothing but our zones.
 * - `minimal-responses no-auth`: the default, `no-auth-recursive`, makes the authority section depend
 *   on RD; `yes` would also leave out addresses of name servers that the other two send.
 * - `zero-no-soa-ttl no`: a denied SOA keeps its TTL, as with the other two.
 * - `minimal-any no` (default): ANY over UDP is answered in full or truncated.
 * - `answer-cookie no`: cookies are random and would differ in every answer.
 * - checks off: the zones are awkward on purpose. No rate limiting (default).
 * - EDNS sizes stay at the default of 1232.
 */
import { peer } from '../peers.ts';
import {
  type Command,
  loopback,
  type RunningServer,
  type ServedZone,
  startServer,
  writeConfiguration,
  type ZoneFile,
} from './server.ts';

export const named = peer('named');

export function startBind(zones: readonly ServedZone[], folder: string): Promise<RunningServer> {
  return startServer({ name: 'bind', configure }, zones, folder);
}

/**
 * How `named` is started from a folder of its own, for loopback only, without a control channel and
 * without recursion. `options` and `statements` are lines of its configuration: within `options { … }`,
 * and behind it. It logs to stderr, unless it is to be quiet.
 */
export function bindCommand(
  folder: string,
  port: number,
  {
    options,
    statements,
    quiet = false,
  }: { readonly options: string; readonly statements: string; readonly quiet?: boolean },
): Command {
  const log = quiet
    ? 'category default { null; };'
    : 'category default { stderr_log; }; channel stderr_log { stderr; severity info; };';
  const text = `options {
  directory "${folder}";
  pid-file none;
  lock-file none;
  session-keyfile none;
  listen-on port ${port} { ${loopback}; };
  listen-on-v6 { none; };
  recursion no;
${options}
};
controls { };
logging { ${log} };
${statements}
`;
  const path = writeConfiguration(folder, 'named.conf', text);
  return [named.file, '-f', '-n', '1', '-U', '1', '-c', path];
}

/** The statement of a key; its secret in base64. */
export function bindKey(name: string, algorithm: string, secret: string): string {
  return `key "${name}" { algorithm ${algorithm}; secret "${secret}"; };`;
}

function configure(folder: string, port: number, zones: readonly ZoneFile[]): Command {
  return bindCommand(folder, port, {
    options: `  allow-query { any; };
  allow-transfer { none; };
  notify no;
  empty-zones-enable no;
  dnssec-validation no;
  minimal-responses no-auth;
  zero-no-soa-ttl no;
  minimal-any no;
  answer-cookie no;
  check-names primary ignore;
  check-integrity no;
  check-mx ignore;
  check-mx-cname ignore;
  check-srv-cname ignore;
  check-sibling no;
  check-wildcard no;
  check-dup-records ignore;
  max-zone-ttl unlimited;`,
    statements: zones
      .map(({ name, path }) => `zone "${name}" { type primary; file "${path}"; };`)
      .join('\n'),
  });
}
