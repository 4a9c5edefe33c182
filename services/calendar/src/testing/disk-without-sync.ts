/** A deliberate defect: only the first sync of a file is one. Segments of a journal are whole, and what comes then is lost. */
import type { Disk } from '@riad/store/disk';

export function diskWithoutSync(disk: Disk): Disk {
  return {
    open(path, mode) {
      const file = disk.open(path, mode);
      let synced = mode === 'write';
      return {
        sizeOctets: () => file.sizeOctets(),
        read: (position, lengthOctets) => file.read(position, lengthOctets),
        readInto: (position, into) => file.readInto(position, into),
        write: (position, octets) => file.write(position, octets),
        sync: async () => {
          if (!synced) await file.sync();
          synced = true;
        },
        syncNow: () => file.syncNow(),
        close: () => file.close(),
      };
    },
    list: (folder) => disk.list(folder),
    exists: (path) => disk.exists(path),
    makeFolder: (path) => disk.makeFolder(path),
    rename: (from, to) => disk.rename(from, to),
    unlink: (path) => disk.unlink(path),
    syncFolder: (path) => disk.syncFolder(path),
    lock: (path) => disk.lock(path),
  };
}
