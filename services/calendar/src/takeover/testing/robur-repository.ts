/** A data repository as Robur’s CalDAV server leaves it behind, with what has been met in such ones. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Tree = readonly [namespace: string, name: string, ...children: (Tree | string)[]];

export const DAV = 'DAV:';
export const CALDAV = 'urn:ietf:params:xml:ns:caldav';
export const APPLE = 'http://apple.com/ns/ical/';
export const ROBUR = 'io:robur:webdav';

/** An atom as sexplib prints it: quoted where need be, octets beyond ASCII as decimal escapes. */
export function atom(text: string): string {
  if (/^[A-Za-z0-9_.:/+=@-]+$/.test(text)) return text;
  let quoted = '';
  for (const octet of Buffer.from(text)) {
    const letter = String.fromCharCode(octet);
    if (letter === '"' || letter === '\\') quoted += `\\${letter}`;
    else if (letter === '\n') quoted += '\\n';
    else if (letter === '\r') quoted += '\\r';
    else if (octet < 0x20 || octet > 0x7e) quoted += `\\${String(octet).padStart(3, '0')}`;
    else quoted += letter;
  }
  return `"${quoted}"`;
}

function tree(node: Tree | string): string {
  if (typeof node === 'string') return `(Pcdata ${atom(node)})`;
  const [namespace, name, ...children] = node;
  return `(Node ${atom(namespace)} ${atom(name)} () (${children.map(tree).join(' ')}))`;
}

/** A sidecar; `version` undefined: none. */
export function sidecar(properties: readonly Tree[], version: number | undefined = 2): string {
  const all: Tree[] = [
    ...properties,
    ...(version === undefined ? [] : [[ROBUR, 'prop_version', String(version)] as const]),
    [DAV, 'creationdate', '2019-03-01T12:00:00-00:00'],
    ...(version === undefined || version < 2
      ? []
      : [[DAV, 'getlastmodified', '2019-03-02T12:00:00-00:00'] as const]),
  ];
  const lines = all.map(
    ([namespace, name, ...children]) =>
      ` ((${atom(namespace)} ${atom(name)})\n  (() (${children.map(tree).join(' ')})))`,
  );
  return `(${lines.join('\n').trim()})`;
}

export const displayname = (text: string): Tree => [DAV, 'displayname', text];
export const href = (path: string): Tree => [DAV, 'href', path];

export function ace(
  principal: Tree,
  privileges: readonly string[],
  grant: 'grant' | 'deny' = 'grant',
): Tree {
  const names = privileges.map((name): Tree => [DAV, name]);
  return [DAV, 'ace', [DAV, 'principal', principal], [DAV, grant, [DAV, 'privilege', ...names]]];
}

export function inheritedAce(path: string): Tree {
  return [
    DAV,
    'ace',
    [DAV, 'principal', [DAV, 'all']],
    [DAV, 'grant', [DAV, 'privilege', [DAV, 'all']]],
    [DAV, 'inherited', href(path)],
  ];
}

export function calendar(acl: readonly Tree[], ...more: readonly Tree[]): readonly Tree[] {
  return [
    [DAV, 'acl', ...acl],
    [DAV, 'resourcetype', [DAV, 'collection'], [CALDAV, 'calendar']],
    [DAV, 'getcontenttype', 'text/directory'],
    ...more,
  ];
}

/** Commits files; `bare`: only the repository stays. */
export function commitFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  bare: boolean,
): void {
  const work = bare ? `${folder}.work` : folder;
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), content);
  }
  const git = (...args: string[]): void => {
    const { status, stderr } = spawnSync('git', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  };
  git('init', '-q', '-b', 'main', work);
  const author = [
    '-c',
    'user.name=ann (via caldav unikernel)',
    '-c',
    'user.email=git-noreply@robur.coop',
  ];
  git('-C', work, 'add', '-A');
  git(
    '-C',
    work,
    ...author,
    'commit',
    '-q',
    '-m',
    'during processing HTTP request PUT /calendars/work',
  );
  if (bare) git('clone', '-q', '--bare', work, folder);
}
