/**
 * The platform's decoder of UTF-8, where there is one: browsers and Node have it, the language does not. It
 * needs a thirtieth of the time that characters put together one by one take, and makes nothing but the text.
 */
type Decoder = { decode(octets: Uint8Array): string };
type DecoderClass = new (label: string, options: object) => Decoder;

const { TextDecoder: Platform } = globalThis as { TextDecoder?: DecoderClass };
const decoder: Decoder | undefined =
  Platform === undefined ? undefined : new Platform('utf-8', { fatal: true, ignoreBOM: true });

/** Shorter text is there before a call of the platform has returned. */
const leastOctets = 24;

/** Undefined: there is no decoder, the text is short, or it is no UTF-8, and whoever asks sees to it alone. */
export function platformText(octets: Uint8Array): string | undefined {
  if (decoder === undefined || octets.length < leastOctets) return undefined;
  try {
    return decoder.decode(octets);
  } catch {
    return undefined; // it says that something is wrong, but not where
  }
}
