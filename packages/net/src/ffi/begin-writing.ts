/** Has the kernel begin what a sync would otherwise begin and wait for. */
import { ffiMissing, libc } from './libc.ts';

const SYNC_FILE_RANGE_WRITE = 2;

/**
 * A function that has the kernel begin to write octets of a file to its disk, and does not wait
 * (sync_file_range(2)). It promises nothing, and tells of no error: it is for who syncs the file afterwards, and has
 * something to do until then. Undefined where there is no such call.
 */
export function writingBeginner():
  | ((descriptor: number, position: number, lengthOctets: number) => void)
  | undefined {
  if (ffiMissing() !== undefined) return undefined;
  const call = libc().func(
    'int sync_file_range(int fd, int64_t offset, int64_t nbytes, unsigned int flags)',
  );
  return (descriptor, position, lengthOctets) =>
    void call(descriptor, position, lengthOctets, SYNC_FILE_RANGE_WRITE);
}
