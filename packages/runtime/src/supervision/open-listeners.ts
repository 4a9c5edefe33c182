/** Opens what `listen` asks for, before rights are given up, and keeps it open across restarts. */
import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ffiMissing } from '@riad/net/ffi/libc';
import {
  boundAddress,
  closeDescriptor,
  isDatagramSocket,
  openTcpListener,
  openUdpSocket,
  openUnixListener,
} from '@riad/net/ffi/socket';
import type { ServiceConfiguration } from '../configuration/configuration.ts';
import type { ListenEntry } from '../configuration/listen.ts';
import type { Listener, Protocol } from '../service.ts';

/** Connections that wait to be accepted; the kernel cuts it to net.core.somaxconn. */
export const listenBacklog = 1024;

/** Some 20 ms of a million queries a second of 100 octets, with the kernel's own overhead. */
export const udpReceiveBufferOctets: number = 8 * 2 ** 20;

/** All or nothing: what was opened is closed again when one cannot be. */
export function openListeners(service: ServiceConfiguration): Listener[] {
  const listeners: Listener[] = [];
  try {
    for (const entry of service.listen) openEntry(entry, service.udpShards, listeners);
    return listeners;
  } catch (error) {
    closeListeners(listeners);
    throw error;
  }
}

export function closeListeners(listeners: readonly Listener[]): void {
  for (const { fd } of listeners) if (fd !== undefined) closeDescriptor(fd);
}

function openEntry(entry: ListenEntry, udpShards: number, listeners: Listener[]): void {
  const { url, address } = entry;
  const open = ffiMissing() === undefined;
  // Port 0 stands for one free port for all protocols of the entry: the first to bind chooses.
  let port = entry.port;
  for (const protocol of [...entry.protocols].sort(streamsFirst)) {
    const shards = protocol === 'udp' && open ? udpShards : 1;
    for (let shard = 0; shard < shards; shard++) {
      const fd = open
        ? (handedOver(protocol, address, port) ?? bind(protocol, address, port))
        : undefined;
      if (fd !== undefined) port = boundAddress(fd).port;
      listeners.push({ url, protocol, address, port, shard, shards, fd });
    }
  }

  function bind(protocol: Protocol, address: string, port: number): number {
    if (protocol !== 'udp') return openTcpListener(address, port, listenBacklog);
    return openUdpSocket(address, port, {
      reusePort: udpShards > 1,
      receiveBufferOctets: udpReceiveBufferOctets,
    });
  }
}

/** A free UDP port can belong to somebody's TCP; the other way round it is rarer. */
function streamsFirst(a: Protocol, b: Protocol): number {
  return Number(a === 'udp') - Number(b === 'udp');
}

/** systemd's socket activation (sd_listen_fds(3)): descriptors from 3, meant for one process id. */
const activated: Set<number> = (() => {
  const count = Number(process.env['LISTEN_FDS'] ?? 0);
  const ours = process.env['LISTEN_PID'] === String(process.pid);
  const fds = ours ? Array.from({ length: count }, (_, index) => 3 + index) : [];
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) delete process.env[name];
  return new Set(fds);
})();

function handedOver(protocol: Protocol, address: string, port: number): number | undefined {
  for (const fd of activated) {
    if (isDatagramSocket(fd) !== (protocol === 'udp')) continue;
    const bound = boundAddress(fd);
    if (bound.port !== port || bound.address !== address) continue;
    activated.delete(fd);
    return fd;
  }
  return undefined;
}

/** The socket at `path`, mode 0600 and `owner`'s; what a dead process left there is replaced. */
export function openControlSocket(
  path: string,
  owner: { uid: number; gid: number } | undefined,
): number | undefined {
  mkdirSync(dirname(path), { recursive: true });
  if (ffiMissing() !== undefined) return undefined;
  rmSync(path, { force: true });
  const fd = openUnixListener(path, 64);
  if (owner) chownSync(path, owner.uid, owner.gid);
  return fd;
}
