/** Key files from folders and from the state folder, brought into one ring. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { formatName, parseName, root } from '@riad/dns/name';
import { maxKeys } from '@riad/dns-server/access/key-ring';
import { keyFilesOf, zoneOfKeyFile } from './key-folder.ts';
import { type KeyFile, loadKeys } from './load-keys.ts';
import {
  isStorableName,
  lockStateKeys,
  readStateKey,
  stateKeyFiles,
  stateKeyFolder,
  writeStateKey,
} from './state-keys.ts';

const top = mkdtempSync(join(tmpdir(), 'riad-keys-'));
after(() => rmSync(top, { recursive: true }));
let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(top, String(count++));
  mkdirSync(folder);
});

const secret = 'c2VjcmV0IG9mIDE2IG9jdGV0cw==';
const line = (name: string, flags = 0): string => `${name} DNSKEY ${flags} 3 163 ${secret}\n`;
const file = (name: string, text: string, zone = '.'): KeyFile => ({
  file: name,
  octets: new TextEncoder().encode(text),
  zone: parseName(zone),
  origin: parseName(zone),
});
const names = (loaded: ReturnType<typeof loadKeys>): string[] =>
  [...loaded.ring.keys()].map(({ name }) => formatName(name));

describe('one ring of several files', () => {
  test('a name in two files: the first is taken, and both places are told', () => {
    const loaded = loadKeys([
      file('state/k.key', line('k._update.example.')),
      file('_keys', `${line('other._update.')}${line('K._update.EXAMPLE.')}`),
    ]);
    assert.deepEqual(names(loaded), ['k._update.example.', 'other._update.']);
    assert.equal(loaded.ring.find(parseName('k._update.example.'))?.file, 'state/k.key');
    assert.equal(loaded.faults.length, 1);
    assert.deepEqual(
      { ...loaded.faults[0], message: '' },
      { code: 'key.elsewhere', file: '_keys', line: 2, column: 1, message: '' },
    );
    assert.match(loaded.faults[0]!.message, /state\/k\.key:1/);
  });

  test('faults of one file take nothing from another', () => {
    const loaded = loadKeys([
      file('_keys', 'k._update. DNSKEY 0 3 163 !\n'),
      file('a._keys', line('k._update'), 'a.'),
    ]);
    assert.deepEqual(names(loaded), ['k._update.a.']);
    assert.deepEqual(
      loaded.faults.map(({ code }) => code),
      ['text.base64'],
    );
  });

  test('more keys than there may be', () => {
    const lines = Array.from({ length: maxKeys + 1 }, (_, i) => line(`k${i}._update.`));
    const loaded = loadKeys([file('_keys', lines.join(''))]);
    assert.equal(loaded.ring.size, maxKeys);
    assert.deepEqual(
      loaded.faults.map(({ code, line }) => [code, line]),
      [['key.too-many', maxKeys + 1]],
    );
  });
});

describe('a folder of zones', () => {
  test('which files hold keys, and of which zone', () => {
    for (const [name, zone] of [
      ['_keys', '.'],
      ['example.com._keys', 'example.com.'],
      ['EXAMPLE.com._keys', 'example.com.'],
      ['@._keys', '.'],
      ['example.com', undefined],
      ['.example.com._keys', undefined],
      ['_keys~', undefined],
      ['a..b._keys', undefined],
      ['x_keys', undefined],
    ] as const) {
      const found = zoneOfKeyFile(name);
      assert.equal(found && formatName(found), zone, name);
    }
  });

  test('read with the origin of the zone, or of the root', () => {
    writeFileSync(join(folder, 'example.com._keys'), line('k._update'));
    writeFileSync(join(folder, '_keys'), line('all._transfer'));
    writeFileSync(join(folder, 'example.com'), 'not keys');
    const { files, faults } = keyFilesOf(folder, false);
    assert.deepEqual(faults, []);
    assert.deepEqual(names(loadKeys(files)), ['all._transfer.', 'k._update.example.com.']);
    assert.deepEqual(names(loadKeys(keyFilesOf(folder, true).files)), ['all._transfer.']);
  });

  test('what cannot be read is a fault and stops no other', () => {
    mkdirSync(join(folder, 'a._keys'));
    writeFileSync(join(folder, 'b._keys'), line('k._update'));
    const { files, faults } = keyFilesOf(folder, false);
    assert.equal(files.length, 1);
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['key.unreadable'],
    );
  });
});

describe('the state folder', () => {
  const key = {
    name: parseName('laptop._update.example.com.'),
    algorithm: 'hmac-sha256' as const,
    secret: new Uint8Array(32).fill(1),
  };
  const newer = { ...key, algorithm: 'hmac-sha512' as const, secret: new Uint8Array(64).fill(2) };

  test('a key is written for its owner alone, and read again; no folder is no keys', () => {
    assert.deepEqual(stateKeyFiles(folder), { files: [], faults: [], warnings: [] });
    {
      using lock = lockStateKeys(folder);
      assert.ok(lock);
      assert.equal(lockStateKeys(folder), undefined);
    }
    const path = writeStateKey(folder, [key]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(stateKeyFolder(folder)).mode & 0o777, 0o700);
    const { files, faults, warnings } = stateKeyFiles(folder);
    assert.deepEqual([faults, warnings], [[], []]);
    const loaded = loadKeys(files);
    assert.deepEqual([loaded.faults, loaded.warnings], [[], []]);
    assert.deepEqual(loaded.ring.signingKey(key.name), key);
  });

  test('two secrets keep their order', () => {
    using _lock = lockStateKeys(folder);
    writeStateKey(folder, [newer, key]);
    const stored = readStateKey(folder, key.name);
    assert.deepEqual(stored, { key: stored?.key, faults: [] });
    assert.deepEqual(stored?.key?.secrets, [newer, key]);
    assert.deepEqual(loadKeys(stateKeyFiles(folder).files).ring.signingKey(key.name), newer);
  });

  test('a file that others may read is warned of', () => {
    using _lock = lockStateKeys(folder);
    const path = writeStateKey(folder, [key]);
    chmodSync(path, 0o640);
    assert.deepEqual(
      stateKeyFiles(folder).warnings.map(({ code, file }) => [code, file]),
      [['key.mode', path]],
    );
  });

  test('names that are paths, or too long for a file, are not kept', () => {
    for (const [name, storable] of [
      ['a._update.', true],
      ['_update.', true],
      ['\\.\\.\\/x._update.', false],
      ['a\\/b._update.', false],
      ['\\000._update.', false],
      ['\\.a._update.', false],
      [`${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(49)}._update.`, true],
      [`${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(50)}._update.`, false],
    ] as const) {
      assert.equal(isStorableName(parseName(name)), storable, name);
    }
    assert.equal(isStorableName(root), false);
  });
});
