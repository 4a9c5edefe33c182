/** Locks of WebDAV over a restart: in `state.db`, for they are neither history nor derivable. */
import type { DatabaseSync } from 'node:sqlite';
import { isDatabaseFull } from '@riad/store/disk';
import { failed } from '@riad/webdav/dav-error';
import { type Lock, LockTable } from '@riad/webdav/locks/lock-table';

export function keptLocks(state: DatabaseSync): LockTable {
  state.exec(
    'CREATE TABLE IF NOT EXISTS locks (token TEXT PRIMARY KEY, lock TEXT NOT NULL) STRICT',
  );
  const rows = state.prepare('SELECT lock FROM locks').all() as { lock: string }[];
  const set = state.prepare('INSERT OR REPLACE INTO locks VALUES (?, ?)');
  const remove = state.prepare('DELETE FROM locks WHERE token = ?');
  return new LockTable(
    rows.map(({ lock }) => JSON.parse(lock) as Lock),
    (change) => {
      try {
        if (change.type === 'set') set.run(change.lock.token, JSON.stringify(change.lock));
        else remove.run(change.token);
      } catch (error) {
        if (!isDatabaseFull(error)) throw error;
        // RFC 4331 §6. One that is not removed ends by itself.
        if (change.type === 'set') throw failed('D:sufficient-disk-space', { status: 507 });
      }
    },
  );
}
