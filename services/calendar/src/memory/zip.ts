/** Zip files: many files in one, read with bounds on what they may unfold to, and written. */
import { buffer } from 'node:stream/consumers';
import { CommandError } from '@riad/runtime/service';
import { fromBufferPromise, type ZipFile as ReadableZip } from 'yauzl';
import { ZipFile } from 'yazl';

/** As many objects as one change may have. */
export const maxZipEntries = 20_000;
/** Unfolded, all together; they are looked into one after the other. */
export const maxZipOctets: number = 256 << 20;
/** Of what an entry unfolds to; many events that are nearly the same come to some 50. */
export const maxZipRatio = 200;
/** Smaller entries may repeat themselves as they like. */
const ratioMattersFromOctets: number = 1 << 20;

export type ZipEntry = { readonly name: string; readonly octets: Uint8Array };

export function isZip(octets: Uint8Array): boolean {
  const [p, k, three, four] = octets;
  // A local file header, or, of an empty file, the end of the directory.
  return p === 0x50 && k === 0x4b && ((three === 3 && four === 4) || (three === 5 && four === 6));
}

/** Files, not folders; nor what macOS and editors leave beside them. `fileName` is for complaints. */
export async function* readZip(octets: Uint8Array, fileName: string): AsyncGenerator<ZipEntry> {
  const fail = (what: string): never => {
    throw new CommandError(`${fileName}: ${what}`);
  };
  const zip = await opened(octets, fail);
  if (zip.entryCount > maxZipEntries) fail(`more than ${maxZipEntries} entries`);
  let sum = 0;
  const entries = zip.eachEntry();
  for (;;) {
    const next = await entries.next().catch((error: unknown) => fail((error as Error).message));
    if (next.done === true) return;
    const entry = next.value;
    const { fileName: name, uncompressedSize, compressedSize } = entry;
    if (name.endsWith('/') || name.split('/').some((part) => /^(?:\.|__MACOSX$)/.test(part)))
      continue;
    if (entry.isEncrypted()) fail(`${name} is encrypted`);
    sum += uncompressedSize;
    if (sum > maxZipOctets) fail(`it unfolds to more than ${maxZipOctets} octets`);
    if (
      uncompressedSize > ratioMattersFromOctets &&
      uncompressedSize > compressedSize * maxZipRatio
    )
      fail(`${name} unfolds to more than ${maxZipRatio} times its size`);
    // An entry that has more than it says, or less, is refused as it is read.
    const stream = await zip
      .openReadStreamPromise(entry)
      .catch((error: unknown) => fail(`${name}: ${(error as Error).message}`));
    const content = await buffer(stream).catch((error: unknown) =>
      fail(`${name}: ${(error as Error).message}`),
    );
    yield { name, octets: new Uint8Array(content) };
  }
}

async function opened(octets: Uint8Array, fail: (what: string) => never): Promise<ReadableZip> {
  try {
    const copy = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
    return await fromBufferPromise(copy, { lazyEntries: true, validateEntrySizes: true });
  } catch (error) {
    return fail(`no zip file: ${(error as Error).message}`);
  }
}

/** Smaller ones gain next to nothing, and each takes a thread's turn. */
const compressFromOctets = 2048;

/** `time`: what the files are said to be of. */
export async function writeZip(entries: readonly ZipEntry[], time: Date): Promise<Uint8Array> {
  const zip = new ZipFile();
  for (const { name, octets } of entries)
    zip.addBuffer(Buffer.from(octets.buffer, octets.byteOffset, octets.length), name, {
      mtime: time,
      mode: 0o100644,
      compress: octets.length >= compressFromOctets,
    });
  zip.end();
  return new Uint8Array(await buffer(zip.outputStream));
}
