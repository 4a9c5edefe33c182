/**
 * Sockets as bare descriptors, so that whoever opens a privileged port need not be who serves it,
 * and the port outlives a restart. Descriptors are in blocking mode and close on exec; spawning a
 * child with them in its `stdio` hands them over.
 */
import { chmodSync } from 'node:fs';
import { libc, systemCallError } from './libc.ts';

export type UdpOptions = {
  /** Several sockets on one address, among which the kernel spreads the clients. */
  readonly reusePort?: boolean;
  /** Bind to an address that this machine does not have (yet). */
  readonly freebind?: boolean;
  /** What waits while the reader is busy; beyond the system's limit only with CAP_NET_ADMIN. */
  readonly receiveBufferOctets?: number;
};

export type BoundAddress = { readonly address: string; readonly port: number };

// Linux's numbers, the same on x86-64 and arm64.
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_TYPE = 3;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const SO_RCVBUFFORCE = 33;
const IPPROTO_IP = 0;
const IP_FREEBIND = 15;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

const sockaddrInOctets = 16;
const sockaddrIn6Octets = 28;

const socketApi = () => {
  const { func } = libc();
  return {
    socket: func('int socket(int domain, int type, int protocol)'),
    bind: func('int bind(int fd, const void *address, uint32_t length)'),
    listen: func('int listen(int fd, int backlog)'),
    close: func('int close(int fd)'),
    setsockopt: func(
      'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
    ),
    getsockopt: func('int getsockopt(int fd, int level, int name, void *value, void *length)'),
    getsockname: func('int getsockname(int fd, void *address, void *length)'),
    inetPton: func('int inet_pton(int family, const char *text, void *address)'),
    inetNtop: func(
      'const char *inet_ntop(int family, const void *address, void *text, uint32_t size)',
    ),
    ifNametoindex: func('uint32_t if_nametoindex(const char *name)'),
  };
};
let api: ReturnType<typeof socketApi> | undefined;
const calls = (): ReturnType<typeof socketApi> => {
  api ??= socketApi();
  return api;
};

export function openUdpSocket(address: string, port: number, options: UdpOptions = {}): number {
  return openBound(address, port, SOCK_DGRAM, (fd) => {
    if (options.reusePort) setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    // One option of the IP level serves both families on Linux.
    if (options.freebind) setOption(fd, IPPROTO_IP, IP_FREEBIND, 1);
    if (options.receiveBufferOctets !== undefined) {
      const value = int32(options.receiveBufferOctets);
      const { setsockopt } = calls();
      if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, value, 4) !== 0) {
        setOption(fd, SOL_SOCKET, SO_RCVBUF, options.receiveBufferOctets);
      }
    }
  });
}

export function openTcpListener(address: string, port: number, backlog: number): number {
  const fd = openBound(address, port, SOCK_STREAM, (fd) => {
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  });
  if (calls().listen(fd, backlog) === 0) return fd;
  const error = systemCallError('listen', describe(address, port));
  closeDescriptor(fd);
  throw error;
}

/** A listening unix socket that only its owner may connect to, whatever the umask. */
export function openUnixListener(path: string, backlog: number): number {
  const octets = new TextEncoder().encode(path);
  // struct sockaddr_un: 108 octets of path, the last of them 0
  if (octets.length > 107) throw new RangeError(`path ${path}: longer than 107 octets`);
  const address = new Uint8Array(110);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(octets, 2);
  const { socket, bind, listen } = calls();
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) as number;
  if (fd < 0) throw systemCallError('socket', path);
  try {
    if (bind(fd, address, address.length) !== 0) throw systemCallError('bind', path);
    chmodSync(path, 0o600); // before listen, so that nobody connects in between
    if (listen(fd, backlog) !== 0) throw systemCallError('listen', path);
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/** Whether a socket is a datagram or a stream one; told apart among those systemd hands over. */
export function isDatagramSocket(fd: number): boolean {
  const value = new Uint8Array(4);
  if (calls().getsockopt(fd, SOL_SOCKET, SO_TYPE, value, int32(4)) !== 0) {
    throw systemCallError('getsockopt', `descriptor ${fd}`);
  }
  return value[0] === SOCK_DGRAM;
}

/** What a socket is bound to; tells the port where 0 was asked for. */
export function boundAddress(fd: number): BoundAddress {
  const octets = new Uint8Array(sockaddrIn6Octets);
  const length = int32(octets.length);
  if (calls().getsockname(fd, octets, length) !== 0) throw systemCallError('getsockname');
  const view = new DataView(octets.buffer);
  const family = view.getUint16(0, true);
  const text = new Uint8Array(64);
  const raw = octets.subarray(family === AF_INET6 ? 8 : 4, family === AF_INET6 ? 24 : 8);
  const address = calls().inetNtop(family, raw, text, text.length);
  if (typeof address !== 'string') throw systemCallError('inet_ntop');
  return { address, port: view.getUint16(2, false) };
}

export function closeDescriptor(fd: number): void {
  if (calls().close(fd) !== 0) throw systemCallError('close');
}

function openBound(
  address: string,
  port: number,
  type: number,
  prepare: (fd: number) => void,
): number {
  const socketAddress = encodeAddress(address, port);
  const family = socketAddress.length === sockaddrIn6Octets ? AF_INET6 : AF_INET;
  const { socket, bind } = calls();
  const fd = socket(family, type | SOCK_CLOEXEC, 0) as number;
  if (fd < 0) throw systemCallError('socket', describe(address, port));
  try {
    // Without it `[::]` would take IPv4 as well, and `0.0.0.0` beside it could not bind.
    if (family === AF_INET6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    prepare(fd);
    if (bind(fd, socketAddress, socketAddress.length) !== 0) {
      throw systemCallError('bind', describe(address, port));
    }
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/** struct sockaddr_in or sockaddr_in6; a zone (`fe80::1%eth0`) becomes the scope id. */
function encodeAddress(address: string, port: number): Uint8Array {
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`port ${port}`);
  const [plain = '', zone] = address.split('%');
  const six = plain.includes(':');
  const octets = new Uint8Array(six ? sockaddrIn6Octets : sockaddrInOctets);
  const view = new DataView(octets.buffer);
  view.setUint16(0, six ? AF_INET6 : AF_INET, true);
  view.setUint16(2, port, false);
  const { inetPton, ifNametoindex } = calls();
  const target = six ? octets.subarray(8, 24) : octets.subarray(4, 8);
  if (inetPton(six ? AF_INET6 : AF_INET, plain, target) !== 1) {
    throw new TypeError(`address ${address}: not an IPv4 or IPv6 address`);
  }
  if (zone !== undefined) {
    const index = ifNametoindex(zone) as number;
    if (index === 0) throw systemCallError('if_nametoindex', zone);
    view.setUint32(24, index, true);
  }
  return octets;
}

function setOption(fd: number, level: number, name: number, value: number): void {
  if (calls().setsockopt(fd, level, name, int32(value), 4) !== 0) {
    throw systemCallError('setsockopt', `level ${level} option ${name}`);
  }
}

function int32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setInt32(0, value, true);
  return octets;
}

function describe(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
