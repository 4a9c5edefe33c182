import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { landlockAbi } from './landlock.ts';
import { ffiMissing } from './libc.ts';

const skip = ffiMissing() ?? (landlockAbi() === 0 ? 'this kernel has no Landlock' : false);

test('after restrictFiles and execute only the allowed paths open', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-landlock-'));
  const [allowed, hidden] = [join(folder, 'allowed'), join(folder, 'hidden')];
  writeFileSync(allowed, 'may be read');
  writeFileSync(hidden, 'may not');
  const program = `
    import { restrictFiles } from ${JSON.stringify(import.meta.resolve('./landlock.ts'))};
    import { execute, setNoNewPrivileges } from ${JSON.stringify(import.meta.resolve('./process.ts'))};
    setNoNewPrivileges();
    restrictFiles({
      read: ['/bin', '/usr', '/lib', '/lib64', ${JSON.stringify(allowed)}],
      write: ['/dev/null', ${JSON.stringify(join(folder, 'absent'))}],
    });
    const script = 'cat "$1"; cat "$2"; echo "$NAME" > "$2"; grep NoNewPrivs /proc/self/status';
    execute('/bin/sh', ['sh', '-c', script, 'sh', ${JSON.stringify(allowed)}, ${JSON.stringify(hidden)}], { NAME: 'x', PATH: '/bin' });
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '--eval', program],
    { encoding: 'utf8' },
  );
  assert.equal(stdout, 'may be read', stderr);
  assert.match(stderr, /hidden: Permission denied/);
  assert.match(stderr, /cannot create .*hidden: Permission denied/);
  assert.match(stderr, /proc\/self\/status: Permission denied/);
  rmSync(folder, { recursive: true });
});
