/** Entries of `listen`: `udp+tcp://127.0.0.1:5300`, `tls://[::]:853`, `http://127.0.0.1:8080`. */
import { isIP } from 'node:net';
import type { Protocol } from '../service.ts';

export type ListenEntry = {
  readonly url: string;
  readonly protocols: readonly Protocol[];
  /** Without brackets; may carry a zone, `fe80::1%eth0`. */
  readonly address: string;
  readonly port: number;
};

const known: readonly Protocol[] = ['udp', 'tcp', 'tls', 'http', 'https'];
const pattern = /^([a-z+]+):\/\/(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})\/?$/;

/** A sentence when it is wrong, for the configuration's complaints. */
export function parseListen(url: string): ListenEntry | string {
  const match = pattern.exec(url);
  if (match === null) return `"${url}" is not PROTOCOL://ADDRESS:PORT, such as udp+tcp://[::1]:53`;
  const [, scheme = '', six, four, digits = ''] = match;
  const address = six ?? four ?? '';
  const protocols = scheme.split('+');
  const stranger = protocols.find((protocol) => !(known as readonly string[]).includes(protocol));
  if (stranger !== undefined) return `"${stranger}" is none of ${known.join(', ')}`;
  if (isIP(address.split('%')[0] ?? '') !== (six === undefined ? 4 : 6)) {
    return `"${address}" is not an IP address (IPv6 in brackets); names are not looked up here`;
  }
  const port = Number(digits);
  if (port > 65535) return `port ${port} is beyond 65535`;
  return { url, protocols: protocols as Protocol[], address, port };
}
