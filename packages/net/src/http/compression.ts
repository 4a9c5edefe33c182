/** gzip for answers that are text and may change; what has a strong ETag goes as it is (RFC 9110 §8.8.3.3). */
import { constants, createGzip } from 'node:zlib';
import { drained } from './drained.ts';

/** Shorter ones fit into one packet anyway. */
const leastOctets = 1400;
const compressible = /^(?:text\/|application\/(?:json|xml|.*\+json|.*\+xml))/;
/** The fastest: lists of changes are repetitive, and the processor is shared. */
const level = 1;

export function isCompressible(
  acceptEncoding: string | readonly string[] | undefined,
  headers: Readonly<Record<string, unknown>>,
  body: Uint8Array | AsyncIterable<Uint8Array>,
): boolean {
  if (acceptEncoding === undefined || !acceptsGzip(String(acceptEncoding))) return false;
  if (body instanceof Uint8Array && body.length < leastOctets) return false;
  let type = '';
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (lower === 'etag' || lower === 'content-encoding') return false;
    if (lower === 'content-type') type = String(value);
  }
  return compressible.test(type);
}

/** RFC 9110 §12.5.3. */
function acceptsGzip(field: string): boolean {
  for (const item of field.split(',')) {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    if (coding !== 'gzip' && coding !== 'x-gzip') continue;
    return !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter));
  }
  return false;
}

export async function* compressed(
  body: Uint8Array | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level, flush: constants.Z_NO_FLUSH });
  const feed = (async (): Promise<void> => {
    if (body instanceof Uint8Array) gzip.write(body);
    else
      for await (const piece of body) {
        if (gzip.destroyed) return;
        if (!gzip.write(piece)) await drained(gzip);
      }
    gzip.end();
  })();
  feed.catch((error: Error) => gzip.destroy(error));
  try {
    for await (const piece of gzip as AsyncIterable<Uint8Array>) yield piece;
  } finally {
    gzip.destroy();
  }
}
