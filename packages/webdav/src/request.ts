/** Requests and responses as values; the shell that has the connection makes the one and sends the other. */

/** Lower-case names; a field that came several times has several values. */
export type RequestHeaders = { readonly [name: string]: readonly string[] | undefined };

export type DavRequest = {
  readonly method: string;
  /** As it stands in the request line: `/calendars/ann/work/?x`. */
  readonly target: string;
  readonly headers: RequestHeaders;
  /** Bounded by the shell, a stream if it likes; what is left of one is not wanted. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** Who has logged in; undefined: nobody. */
  readonly user: string | undefined;
  /** The name of the app password that was used. */
  readonly device: string | undefined;
  /** `https://dav.example.org`, without a slash at the end. */
  readonly baseUrl: string;
  readonly secure: boolean;
  readonly requestId: string;
  /** Wall-clock seconds since 1970. */
  readonly nowSeconds: number;
};

export type DavResponse = {
  readonly status: number;
  /** Names as they are usually written. `Content-Length` is the shell's where the body is whole. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * A stream is read once. If it rejects, the connection must be cut, so that nobody takes a part for
   * the whole; if the client goes away, call its `return`.
   */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
};

/** Every value of a field as one list (RFC 9110 §5.3); undefined if it did not come. */
export function header(headers: RequestHeaders, name: string): string | undefined {
  const values = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (values === undefined || values.length === 0) return undefined;
  return values.length === 1 ? values[0] : values.join(', ');
}
