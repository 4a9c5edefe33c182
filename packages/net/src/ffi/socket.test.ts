import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { ffiMissing } from './libc.ts';
import { boundAddress, closeDescriptor, openTcpListener, openUdpSocket } from './socket.ts';

describe('sockets as descriptors', { skip: ffiMissing() ?? false }, () => {
  for (const address of ['127.0.0.1', '::1']) {
    test(`a UDP socket on ${address} receives`, async () => {
      const fd = openUdpSocket(address, 0, { receiveBufferOctets: 1 << 20 });
      const bound = boundAddress(fd);
      assert.equal(bound.address, address);
      const server = createSocket(address === '::1' ? 'udp6' : 'udp4');
      server.bind({ fd }); // listens at once, unlike with an address
      const client = createSocket(address === '::1' ? 'udp6' : 'udp4');
      const received = once(server, 'message');
      client.send('a question', bound.port, address);
      const [octets] = await received;
      assert.equal(String(octets), 'a question');
      client.close();
      server.close();
    });

    test(`a TCP listener on ${address} accepts`, async () => {
      const fd = openTcpListener(address, 0, 16);
      const { port } = boundAddress(fd);
      const server = createServer((socket) => socket.end('an answer'));
      server.listen({ fd });
      await once(server, 'listening');
      const client = connect(port, address);
      const [octets] = (await once(client, 'data')) as [Uint8Array, Socket];
      assert.equal(String(octets), 'an answer');
      client.destroy();
      server.close();
    });
  }

  test('reusePort lets two sockets share an address', () => {
    const first = openUdpSocket('127.0.0.1', 0, { reusePort: true });
    const { port } = boundAddress(first);
    const second = openUdpSocket('127.0.0.1', port, { reusePort: true });
    assert.deepEqual(boundAddress(second), { address: '127.0.0.1', port });
    closeDescriptor(second);
    closeDescriptor(first);
  });

  test('a port that is taken says so by name', () => {
    const fd = openTcpListener('127.0.0.1', 0, 16);
    const { port } = boundAddress(fd);
    assert.throws(() => openTcpListener('127.0.0.1', port, 16), {
      code: 'EADDRINUSE',
      message: `bind 127.0.0.1:${port}: EADDRINUSE`,
    });
    closeDescriptor(fd);
  });

  test('freebind takes an address of no interface', () => {
    assert.throws(() => openUdpSocket('192.0.2.1', 0), { code: 'EADDRNOTAVAIL' });
    closeDescriptor(openUdpSocket('192.0.2.1', 0, { freebind: true }));
  });

  test('what is no address or port is the caller’s fault', () => {
    assert.throws(() => openUdpSocket('localhost', 0), TypeError);
    assert.throws(() => openUdpSocket('127.0.0.1', 65536), RangeError);
  });
});
