/** The addresses of this machine that others may reach it at. */
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Server } from './commands/query-transport.ts';
import { Refusal } from './refusal.ts';

/** IPv4 and IPv6 in the order the system has them. */
export type Addresses = { readonly v4: readonly string[]; readonly v6: readonly string[] };

/** The address that packets to `server` leave from; nothing is sent. */
export function addressTowards({ address, port }: Server): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const fail = (error: Error): void => {
      socket.close();
      reject(new Refusal(`no way to ${address}: ${error.message}`));
    };
    socket.on('error', fail);
    socket.connect(port, address, () => {
      const own = socket.address().address;
      socket.close();
      resolve(isIPv6(own) ? { v4: [], v6: [own] } : { v4: [own], v6: [] });
    });
  });
}

export type InterfaceAddress = {
  readonly address: string;
  readonly family: string;
  readonly scopeid?: number;
};

/** What an interface has for others: no link-local ones, and none that are going away or only for a while. */
export function addressesOf(
  interfaceName: string,
  known: Readonly<Record<string, readonly InterfaceAddress[] | undefined>> = networkInterfaces(),
  kernel: string = kernelsList(),
): Addresses {
  const found = known[interfaceName];
  if (found === undefined) {
    const names = Object.keys(known).join(', ');
    throw new Refusal(`there is no interface ${interfaceName} with an address; there is ${names}`);
  }
  const unfit = unfitAddresses(kernel, interfaceName);
  const v6 = found
    .filter(({ family, address }) => family === 'IPv6' && isForOthers(address))
    .map(({ address }) => address)
    .filter((address) => !unfit.has(address));
  const v4 = found
    .filter(({ family, address }) => family === 'IPv4' && !address.startsWith('169.254.')) // RFC 3927
    .map(({ address }) => address);
  // RFC 4193: unique local addresses only where there is no other.
  const global = v6.filter((address) => !/^f[cd]/.test(address));
  return { v4, v6: global.length > 0 ? global : v6 };
}

/** RFC 4291 §2.5.6: link-local addresses are no use to others. */
function isForOthers(address: string): boolean {
  return !/^fe[89ab]/.test(address);
}

const kernelsFile = '/proc/net/if_inet6';

function kernelsList(): string {
  return existsSync(kernelsFile) ? readFileSync(kernelsFile, 'utf8') : '';
}

// include/uapi/linux/if_addr.h
const temporary = 0x01; // RFC 8981
const failed = 0x08; // duplicate address detection
const deprecated = 0x20;
const tentative = 0x40;

/** Lines of `address index prefix scope flags name`, all but the name in hexadecimal. */
function unfitAddresses(list: string, interfaceName: string): ReadonlySet<string> {
  const unfit = new Set<string>();
  for (const line of list.split('\n')) {
    const [hex = '', , , , flags = '0', name] = line.trim().split(/\s+/);
    const bits = Number.parseInt(flags, 16);
    if (name !== interfaceName || hex.length !== 32) continue;
    if ((bits & (temporary | failed | deprecated | tentative)) === 0) continue;
    unfit.add(shortened(hex));
  }
  return unfit;
}

/** As Node writes it. */
function shortened(hex: string): string {
  const groups = hex.match(/.{4}/g)!.join(':');
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
