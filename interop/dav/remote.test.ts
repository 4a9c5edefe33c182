/** The repository elsewhere, from the confined process that `riad run` becomes: over HTTP with a token, and by path. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { expectStatus } from '@riad/service-calendar/testing/dav-reading';
import { event, icalendar } from '@riad/service-calendar/testing/objects';
import { until } from '@riad/service-calendar/testing/until';
import { git, judge } from '@riad/store/testing/git';
import { serveGit } from '@riad/store/testing/git-http';
import { RiadRun } from './riad-run.ts';

const path = '/calendars/ann/calendar/a.ics';

function makeForge(t: TestContext): { readonly folder: string; readonly there: string } {
  const folder = mkdtempSync(join(tmpdir(), 'riad-forge-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const there = join(folder, 'there.git');
  git(folder, 'init', '--quiet', '--bare', '-b', 'main', there);
  git(there, 'config', 'http.receivepack', 'true');
  return { folder, there };
}

/** What is put goes there; what somebody pushes there comes here. */
async function bothWays(t: TestContext, key: string, folder: string, there: string): Promise<void> {
  const riad = await RiadRun.prepare(join(folder, 'riad'), { keys: [key] });
  t.after(() => riad.stop());
  await riad.start();
  const asking = { headers: icalendar, body: event('a', 'Ours') };
  expectStatus(await riad.ask('PUT', path, asking), 201);
  const names = (): string => git(there, 'ls-tree', '-r', '--name-only', 'main');
  await until(() => {
    try {
      return names().includes('a.ics');
    } catch {
      return false; // there is no such branch yet
    }
  }, 'the push');
  const clone = join(folder, 'clone');
  git(folder, 'clone', '--quiet', there, clone);
  const file = git(clone, 'ls-files', '*a.ics');
  writeFileSync(join(clone, file), event('a', 'Theirs'));
  git(clone, 'commit', '--quiet', '-a', '-m', 'theirs');
  git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
  await until(async () => (await riad.ask('GET', path)).text.includes('Theirs'), 'the pull');
  await riad.stop();
  assert.match(judge(join(riad.state, 'store.git'))[0]!, /theirs/);
}

test('over HTTP with a token', { timeout: 120_000 }, async (t) => {
  const { folder, there } = makeForge(t);
  const { server, port } = await serveGit(folder, 'riad:token-1', () => {});
  t.after(() => server.close());
  writeFileSync(join(folder, 'token'), 'token-1\n');
  const remote = `url: "http://127.0.0.1:${port}/there.git", tokenFile: ${folder}/token, user: riad`;
  await bothWays(t, `remote: { ${remote}, pullSeconds: 1 }`, folder, there);
});

test('by path', { timeout: 120_000 }, async (t) => {
  const { folder, there } = makeForge(t);
  await bothWays(t, `remote: { url: ${there}, pullSeconds: 1 }`, folder, there);
});
