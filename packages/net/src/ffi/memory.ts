/** What the kernel is told about a region of memory. */
import { libc } from './libc.ts';

const MADV_HUGEPAGE = 14;
const pageOctets = 65536; // the largest that Linux has where we run (arm64)

/**
 * Asks for pages of 2 MiB behind the region (madvise(2)). A zone of a million names then is looked
 * up with a five-hundredth of the address translations. False where the kernel does not do it;
 * everything works without.
 */
export function adviseHugePages(region: ArrayBufferLike): boolean {
  const { koffi, func } = libc();
  const madvise = func('int madvise(uintptr_t address, size_t length, int advice)');
  const address = Number(koffi.address(new Uint8Array(region)));
  const start = Math.ceil(address / pageOctets) * pageOctets; // madvise wants a page's beginning
  return madvise(start, address + region.byteLength - start, MADV_HUGEPAGE) === 0;
}
