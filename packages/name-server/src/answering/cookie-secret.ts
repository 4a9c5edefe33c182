/** The secret that DNS cookies are made with (RFC 9018 §5): made once, then kept, so that a restart forgets nobody. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../loading/replace-file.ts';

const secretOctets = 16;

/** `configured`: a file that several servers share; without it the state folder's own. */
export function cookieSecret(stateDirectory: string, configured: string | undefined): Uint8Array {
  const path = configured ?? join(stateDirectory, 'cookie-secret');
  if (configured !== undefined || existsSync(path)) {
    const text = readFileSync(path, 'utf8').trim();
    if (!/^[0-9a-f]{32}$/i.test(text))
      throw new Error(`${path}: a cookie secret is 32 hexadecimal digits`);
    return Uint8Array.fromHex(text);
  }
  const secret = crypto.getRandomValues(new Uint8Array(secretOctets));
  replaceFile(path, [new TextEncoder().encode(`${secret.toHex()}\n`)]);
  return secret;
}
