/** `Content-Type` and `Accept` (RFC 9110 §8.3, §12.5.1), as far as they choose between our formats. */

export type MediaType = {
  /** `text/calendar`, in lower case. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
};

export function parseMediaType(value: string): MediaType {
  const [type = '', ...rest] = value.split(';');
  const parameters = new Map<string, string>();
  for (const one of rest) {
    const equals = one.indexOf('=');
    if (equals < 0) continue;
    const text = one.slice(equals + 1).trim();
    parameters.set(
      one.slice(0, equals).trim().toLowerCase(),
      text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text,
    );
  }
  return { type: type.trim().toLowerCase(), parameters };
}

/** What a client will take, best first; ranges it refuses (`q=0`) are left out. */
export function parseAccept(value: string): MediaType[] {
  return value
    .split(',')
    .slice(0, 50)
    .map((one) => parseMediaType(one))
    .map((media) => ({ media, quality: Number(media.parameters.get('q') ?? 1) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ media }) => media);
}

/** A type that can be sent back as it came: it stands in a header, so it must be plain (RFC 9110 §5.5). */
export function safeContentType(value: string | undefined): string {
  return value !== undefined &&
    value.length <= 200 &&
    /^[\w.+-]+\/[\w.+-]+[\x20-\x7e]*$/.test(value)
    ? value
    : 'application/octet-stream';
}
