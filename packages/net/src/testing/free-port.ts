/** Ports for servers of tests that have to be told theirs before they listen. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { type EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';

const loopback = '127.0.0.1';

/**
 * Below what the system gives to sockets that ask for no port of their own (on Linux 32,768 and up): none of
 * those comes to lie on a port between its being found free and its being used.
 */
const leastPort = 10_000;
const portsEnd = 32_768;
const handedOut = new Set<number>();

/** A port that is free for UDP and TCP alike at this moment, and was not asked for before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(leastPort, portsEnd);
    if (handedOut.has(port)) continue;
    const udp = createSocket('udp4');
    udp.bind(port, loopback);
    const tcp = createServer();
    tcp.listen(port, loopback);
    const [udpFree, tcpFree] = await Promise.all([opened(udp), opened(tcp)]);
    if (udpFree) udp.close();
    if (tcpFree) {
      tcp.close();
      await once(tcp, 'close');
    }
    if (!udpFree || !tcpFree) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error('no port is free for UDP and TCP');
}

function opened(socket: EventEmitter): Promise<boolean> {
  return once(socket, 'listening').then(
    () => true,
    () => false, // `once` rejects on 'error'
  );
}
