/**
 * What is loaded before the zones of a snapshot are served: each file costs about half a millisecond, on
 * either thread, and the code of all record types is a hundred and fifty of them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Imports that are there at run time; `import type` is not, and `await import` comes later. */
const staticImport = /^(?:import|export) (?!type\b)[^;]*?from .([^']+)';/gm;

function loadedWith(url: URL, found: Set<string> = new Set()): Set<string> {
  if (found.has(url.href)) return found;
  found.add(url.href);
  for (const [, target = ''] of readFileSync(url, 'utf8').matchAll(staticImport)) {
    if (target.startsWith('.')) loadedWith(new URL(target, url), found);
    else if (target.startsWith('@riad/')) loadedWith(new URL(import.meta.resolve(target)), found);
  }
  return found;
}

for (const [file, most] of [
  ['./threads.ts', 41],
  ['./loading/loader-thread.ts', 60],
] as const) {
  test(`${file} brings in few files, and no record types`, () => {
    const files = [...loadedWith(new URL(file, import.meta.url))].map((url) => fileURLToPath(url));
    assert.deepEqual(
      files.filter((path) => path.includes('/rdata/')),
      [],
    );
    assert.ok(files.length <= most, `${files.length} files:\n${files.join('\n')}`);
    assert.ok(files.length > 10, 'imports are found at all');
  });
}
