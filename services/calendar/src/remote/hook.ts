/** `POST /hooks/git` on the service's own addresses: a forge tells of a push. */
import { BodyTooLargeError, type HttpRequest, type HttpResponse } from '@riad/net/http/http-server';
import { maxHookOctets } from '@riad/runtime/control/control-server';
import type { Hook } from '@riad/runtime/service';

/** Undefined for what is not its business. */
export async function answerHook(
  hook: Hook | undefined,
  request: HttpRequest,
): Promise<HttpResponse | undefined> {
  if (hook === undefined || request.method !== 'POST') return undefined;
  if (request.target.split('?')[0] !== '/hooks/git') return undefined;
  const taken = await hook({
    header: (name) => request.headers[name]?.[0],
    body: () =>
      request.body(maxHookOctets).catch((error: unknown) => {
        if (error instanceof BodyTooLargeError) return undefined;
        throw error;
      }),
  });
  return taken
    ? { status: 204, headers: {}, body: undefined }
    : {
        status: 403,
        headers: { 'Content-Type': 'text/plain; charset=utf-8' },
        body: Buffer.from('Not with this secret.\n'),
      };
}
