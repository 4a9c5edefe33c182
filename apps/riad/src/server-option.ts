/** Which server a command speaks to, from its words and options. */
import { isIP } from 'node:net';
import type { Server } from './commands/query-transport.ts';
import { Refusal } from './refusal.ts';

export type ServerOption = {
  readonly port?: string;
  readonly tls?: boolean;
  readonly tlsName?: string;
  readonly timeout: string;
};

/**
 * `text`: an address, `@` before it or not, and a port behind `#` if it has its own, as nsupdate and BIND
 * write it: `@192.0.2.53`, `2001:db8::53#5300`.
 */
export function serverOf(text: string, options: ServerOption): Server {
  const [address = '', ownPort, ...more] = text.replace(/^@/, '').split('#');
  if (isIP(address.split('%')[0] ?? '') === 0 || more.length > 0) {
    throw new Refusal(`${text}: not an IP address; names are not looked up here`);
  }
  const port = ownPort ?? options.port ?? (options.tls ? '853' : '53');
  return {
    address,
    port: positive(ownPort === undefined ? '--port' : text, port, 65535),
    timeoutMs: positive('--timeout', options.timeout, 600) * 1000,
    tls: options.tls ? { name: options.tlsName } : undefined,
  };
}

export function positive(option: string, text: string, most: number): number {
  const number = Number(text);
  if (number > 0 && number <= most) return number;
  throw new Refusal(`${option} ${text}: not a number from 1 to ${most}`);
}

export function serialOf(option: string, text: string): number {
  const serial = Number(text);
  if (/^\d+$/.test(text) && serial < 2 ** 32) return serial;
  throw new Refusal(`${option} ${text}: a serial is a number from 0 to 4294967295`);
}
