import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { stableMs, ZoneFolder } from './zone-folder.ts';

let root: string;
let told: string[];
let folder: ZoneFolder;
let now = 0;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'riad-folder-'));
  told = [];
  now = 0;
  folder = new ZoneFolder(
    root,
    {
      changed: (zone) => void told.push(zone),
      ambiguous: (zone, paths) => void told.push(`${zone} ${paths.length} files`),
      present: () => {},
      unreadable: (error) => void told.push((error as NodeJS.ErrnoException).code ?? ''),
    },
    () => now,
  );
});
afterEach(() => {
  folder.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Writes a file with a time of its own; `second` in the far future is a file that was just touched. */
function write(name: string, text: string, second: number = 4_000_000_000): void {
  writeFileSync(join(root, name), text);
  utimesSync(join(root, name), second, second);
}

/** What a look at that moment tells. */
function look(at: number): string[] {
  now = at;
  folder.look();
  return told.splice(0);
}

describe('a file counts once it has rested', () => {
  test('its size, its time or its inode changing starts the rest anew', () => {
    write('example.com', 'a');
    assert.deepEqual(look(0), []);
    write('example.com', 'ab');
    assert.deepEqual(look(stableMs - 1), []);
    write('example.com', 'ab', 4_000_000_001); // the same size, another time
    assert.deepEqual(look(stableMs + 50), []);
    assert.deepEqual(look(2 * stableMs + 49), []);
    assert.deepEqual(look(2 * stableMs + 50), ['example.com.']);
    assert.deepEqual(look(10 * stableMs), [], 'told once');
    rmSync(join(root, 'example.com'));
    assert.deepEqual(look(11 * stableMs), []);
    write('example.com', 'ab', 4_000_000_001);
    look(12 * stableMs);
    assert.deepEqual(look(13 * stableMs), ['example.com.'], 'gone and back');
  });

  test('what has not been touched for long is told at first sight', () => {
    write('example.com', 'a', 1_000_000_000);
    assert.deepEqual(look(0), ['example.com.']);
    folder.forget('example.com.');
    assert.deepEqual(look(1), ['example.com.'], 'told again when forgotten');
  });

  test('a change in a subfolder tells about every zone again', () => {
    write('example.com', 'a', 1_000_000_000);
    mkdirSync(join(root, 'parts', 'deep'), { recursive: true });
    write('parts/deep/hosts', 'x', 1_000_000_000);
    assert.deepEqual(look(0), ['example.com.']);
    write('parts/deep/hosts', 'xy');
    assert.deepEqual(look(1), []);
    assert.deepEqual(look(stableMs), []);
    assert.deepEqual(look(stableMs + 1), ['example.com.']);
    assert.deepEqual(look(3 * stableMs), []);
  });

  test('several files of one zone, then one', () => {
    write('example.com', 'a', 1_000_000_000);
    look(0);
    write('EXAMPLE.com', 'b', 1_000_000_000);
    look(1);
    assert.deepEqual(look(stableMs + 1), ['example.com. 2 files']);
    rmSync(join(root, 'example.com'));
    look(stableMs + 2);
    assert.deepEqual(look(3 * stableMs), ['example.com.']);
  });

  test('what is no zone, and a folder that is gone', () => {
    for (const name of ['.hidden', 'example.com~', '#example.com#', 'a.swp', 'b.md', '_keys'])
      write(name, 'x', 1_000_000_000);
    write('@', 'x', 1_000_000_000);
    assert.deepEqual(look(0), ['.']);
    rmSync(root, { recursive: true });
    assert.deepEqual(look(1), ['ENOENT']);
  });
});
