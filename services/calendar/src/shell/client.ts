/** Who is at the other end: its address, and how it reached us, through a proxy that is believed or not. */
import type { HttpRequest } from '@riad/net/http/http-server';

export type ProxyRules = {
  readonly addresses: readonly string[];
  readonly userHeader?: string | undefined;
};

export type Client = {
  readonly address: string;
  readonly secure: boolean;
  /** `https://dav.example.org`. */
  readonly baseUrl: string;
  /** Whom the proxy names; undefined without one. */
  readonly proxyUser: string | undefined;
};

const hostShape = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::\d{1,5})?$/;

/** `url`: how it is to be called, whatever the request says. */
export function clientOf(
  request: HttpRequest,
  url: string | undefined,
  proxy: ProxyRules | undefined,
): Client {
  const last = (name: string): string | undefined => request.headers[name]?.at(-1);
  const believed = proxy?.addresses.includes(request.address) === true ? proxy : undefined;
  let { address, secure } = request;
  let host = last('host') ?? 'localhost';
  let proxyUser: string | undefined;
  if (believed !== undefined) {
    // Of a list the last is what our proxy itself saw.
    const seen = last('x-forwarded-for')?.split(',').at(-1)?.trim();
    if (seen !== undefined && /^[0-9a-fA-F.:]{2,45}$/.test(seen)) address = seen;
    secure = last('x-forwarded-proto')?.trim().toLowerCase() === 'https';
    host = last('x-forwarded-host')?.split(',').at(-1)?.trim() ?? host;
    if (believed.userHeader !== undefined)
      proxyUser = last(believed.userHeader.toLowerCase())?.trim();
    if (proxyUser === '') proxyUser = undefined;
  }
  if (!hostShape.test(host)) host = 'localhost';
  const baseUrl = url ?? `${secure ? 'https' : 'http'}://${host}`;
  return { address, secure, baseUrl, proxyUser };
}
