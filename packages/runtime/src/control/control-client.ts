/** Asks a running service over its unix socket. */

export type ControlAnswer = { readonly status: number; readonly body: unknown };

/** What most commands answer within. */
const usualPatienceMs = 60_000;

/** `undefined` when no service runs there. */
export function askService(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  input?: unknown,
  patienceMs: number = usualPatienceMs,
): Promise<ControlAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const { request } = process.getBuiltinModule('node:http'); // as in control-server.ts
    const outgoing = request({ socketPath, method, path, timeout: patienceMs }, (response) => {
      const chunks: Uint8Array[] = [];
      response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const json = response.headers['content-type']?.startsWith('application/json');
        resolve({ status: response.statusCode ?? 0, body: json ? JSON.parse(text) : text });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer from ${socketPath}`)));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
    outgoing.end(input === undefined ? undefined : JSON.stringify(input));
  });
}
