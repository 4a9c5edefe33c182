/**
 * Our primary makes a catalog of its zones (RFC 9432), and our secondary, BIND and Knot follow it: a zone
 * that a commit adds is served by all, one that a commit deletes is not served any more, and one that comes
 * again begins afresh, whatever its serial.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { freePort } from '@riad/net/testing/free-port';
import { wholeZone } from '@riad/service-dns-primary/testing/whole-zone';
import { nsd } from '../../peers/nsd.ts';
import { startRiad } from '../../peers/riad.ts';
import {
  loopback,
  type RunningServer,
  startServer,
  writeConfiguration,
} from '../../peers/server.ts';
import { peer } from '../../peers.ts';
import { askOverUdp } from '../authoritative/ask.ts';
import { type SharedKey, sharedKeys } from '../tsig/keys.ts';
import { run } from '../tsig/program.ts';
import { keyFile } from '../update/updating-peers.ts';
import { consumers, programOf } from './consumers.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-catalog-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const catalog = 'catalog.test';
const [, , some] = sharedKeys();
/** Its name says that it may have all zones, of which nobody knows the names yet. */
const key: SharedKey = { ...some!, text: 'catalog._transfer' };
/** Of a test on a busy machine; Knot and BIND take their time with a catalog. */
const patienceMs = 60_000;
const lookEveryMs = 100;

const textOf = (serial: number): string => `$TTL 300
@ SOA ns1 hostmaster ${serial} 3600 600 86400 60
@ NS ns1
ns1 A 192.0.2.1
`;

/** The serial that a server gives with authority, or the RCODE. */
async function serialOf(server: RunningServer, zone: string): Promise<string> {
  const query = encodeMessage({
    id: 4711,
    opcode: 0,
    rcode: 0,
    flags: noFlags,
    questions: [{ name: parseName(`${zone}.`), type: RecordTypeCode.SOA, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
  });
  const [reply] = await askOverUdp(server, [query]);
  const decoded = reply && decodeMessage(reply);
  if (decoded?.ok !== true) return 'nothing';
  const { rcode, answers, flags } = decoded.value;
  const [soa] = answers;
  return flags.aa && soa?.type === RecordTypeCode.SOA
    ? `serial ${serialOfSoa(soa.rdata)}`
    : `rcode ${rcode}`;
}

async function becomes(server: RunningServer, zone: string, wanted: string): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const seen = await serialOf(server, zone);
    if (seen === wanted) return;
    if (performance.now() > end)
      assert.fail(`${server.name} ${zone}: ${seen}, not ${wanted}\n${server.log().slice(-5000)}`);
    await sleep(lookEveryMs);
  }
}

/** Zones in a repository, for there a deletion is one on purpose. */
class Repository {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true });
    this.#git('init', '--quiet', '--initial-branch', 'main');
    writeFileSync(join(path, '_keys'), keyFile([key]));
  }

  /** Undefined: no file of that name. */
  commit(files: Readonly<Record<string, string | undefined>>): void {
    for (const [name, text] of Object.entries(files)) {
      if (text === undefined) rmSync(join(this.path, name));
      else writeFileSync(join(this.path, name), text);
    }
    this.#git('add', '--all');
    this.#git('commit', '--quiet', '--message', 'change');
  }

  #git(...words: string[]): void {
    execFileSync('git', ['-c', 'user.name=S', '-c', 'user.email=s@example.com', ...words], {
      cwd: this.path,
      env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: 'pipe',
    });
  }
}

for (const consumer of consumers) {
  test(`${consumer.name} follows our catalog`, {
    skip: consumer.missing,
    timeout: 240_000,
  }, async () => {
    const place = join(folder, consumer.name);
    const repository = new Repository(join(place, 'zones.git'));
    repository.commit({ 'one.test': textOf(7), 'two.test': textOf(1) });
    const port = await freePort();
    const primary = await startRiad([], join(place, 'primary'), {
      zones: `{ git: ${repository.path} }`,
      keys: [
        'writeBack: false',
        `access: { transfer: ["${loopback}"] }`,
        `alsoNotify: [{ address: "${loopback}", port: ${port}, key: "${key.text}" }]`,
        `catalogs: [{ name: ${catalog}, groups: { special: ["*.special.test"] } }]`,
      ],
    });
    let follower: RunningServer | undefined;
    try {
      const setting = { catalog, key, primaryPort: primary.port };
      follower = await startServer(
        programOf(consumer, setting),
        [],
        join(place, 'follower'),
        async () => port,
      );
      await becomes(follower, 'one.test', 'serial 7');
      await becomes(follower, 'two.test', 'serial 1');
      assert.equal(await serialOf(follower, 'three.test'), `rcode ${Rcode.REFUSED}`);

      repository.commit({ 'three.test': textOf(3), 'a.special.test': textOf(4) });
      await becomes(follower, 'three.test', 'serial 3');
      await becomes(follower, 'a.special.test', 'serial 4');
      const ours = await wholeZone(primary, 'three.test.');
      const theirs = await wholeZone(follower, 'three.test.');
      assert.deepEqual(theirs.lines, ours.lines);
      if (consumer.knowsGroups) {
        // What the group says that is to be done with it: it is given to nobody.
        await assert.rejects(wholeZone(follower, 'a.special.test.'));
      }

      // An edit of a member comes by NOTIFY, as that of any zone.
      repository.commit({ 'three.test': textOf(5) });
      await becomes(follower, 'three.test', 'serial 5');

      repository.commit({ 'one.test': undefined });
      await becomes(follower, 'one.test', `rcode ${Rcode.REFUSED}`);
      await becomes(follower, 'two.test', 'serial 1');

      // RFC 9432 §5.4: another zone of the same name, whose serial may be anything.
      repository.commit({ 'one.test': textOf(2) });
      await becomes(follower, 'one.test', 'serial 2');
      await becomes(follower, 'three.test', 'serial 5');
    } finally {
      await follower?.stop();
      await primary.stop();
    }
  });
}

describe('NSD', { skip: nsd.missing || peer('nsd-checkconf').missing }, () => {
  test('4.6 does not know catalog zones, which came with 4.9', async (t) => {
    const text = `server:\n  zonesdir: "${folder}"\nzone:\n  name: "${catalog}"\n  catalog: consumer\n`;
    const path = writeConfiguration(folder, 'nsd.conf', text);
    const { output, status } = await run(peer('nsd-checkconf').file, [path]);
    if (status === 0) {
      t.skip('this NSD knows catalog zones, and nobody has tried it with ours yet');
      return;
    }
    assert.match(output, /catalog/);
  });
});
