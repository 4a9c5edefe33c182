import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, test } from 'node:test';
import { ffiMissing } from '../ffi/libc.ts';
import { boundAddress, closeDescriptor, openUdpSocket } from '../ffi/socket.ts';
import { batchSize, receiveOctets, sendOctets, UdpBatch } from './batch.ts';

const region = 64;

describe('a batch of datagrams', { skip: ffiMissing() ?? false, timeout: 20_000 }, () => {
  const descriptors: number[] = [];
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const fd of descriptors.splice(0)) closeDescriptor(fd);
    for (const socket of sockets.splice(0)) socket.close();
  });

  /** A server's batch on a free port of `address`. */
  function server(address: string, packetInfo = false) {
    const fd = openUdpSocket(address, 0, { receiveBufferOctets: 1 << 20 });
    descriptors.push(fd);
    const buffer = new SharedArrayBuffer(region + UdpBatch.regionOctets);
    const batch = new UdpBatch(fd, buffer, region, packetInfo, 2000);
    return { batch, octets: new Uint8Array(buffer), port: boundAddress(fd).port };
  }

  /** A client whose sends are system calls made at once, since it is connected. */
  async function client(port: number, address = '127.0.0.1'): Promise<Socket> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    sockets.push(socket);
    socket.connect(port, address);
    await once(socket, 'connect');
    return socket;
  }

  /** Sends datagram `i` back as it came, `plus` added to its first octet. */
  function echo({ batch, octets }: ReturnType<typeof server>, i: number, plus: number): void {
    const from = batch.queryAt(i);
    const to = batch.answerAt;
    octets.copyWithin(to, from, from + batch.lengthOf(i));
    octets[to] = octets[to]! + plus;
    batch.queue(i, batch.lengthOf(i));
  }

  const heard = async (socket: Socket, count: number): Promise<number[]> => {
    const got: number[] = [];
    while (got.length < count) got.push(((await once(socket, 'message')) as [Uint8Array])[0][0]!);
    return got;
  };

  test('a lone datagram is answered', async () => {
    const one = server('127.0.0.1');
    const socket = await client(one.port);
    const got = heard(socket, 1);
    socket.send(Uint8Array.of(7, 1, 2));
    assert.equal(one.batch.receive(), 1);
    assert.equal(one.batch.lengthOf(0), 3);
    assert.equal(one.batch.clientOctets(0), 4);
    const at = one.batch.clientAt(0);
    assert.deepEqual([...one.octets.subarray(at, at + 4)], [127, 0, 0, 1]);
    echo(one, 0, 1);
    assert.equal(one.batch.send(), 0);
    assert.deepEqual(await got, [8]);
  });

  test('a full batch is answered in order, and what waits comes with the next one', async () => {
    const one = server('127.0.0.1');
    const socket = await client(one.port);
    const got: number[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on('message', (message) => {
        got.push(message[0]!);
        if (got.length === batchSize + 6) resolve();
      });
    });
    for (let i = 0; i < batchSize + 6; i++) socket.send(Uint8Array.of(i));
    for (const count of [batchSize, 6]) {
      assert.equal(one.batch.receive(), count);
      for (let i = 0; i < count; i++) echo(one, i, 1);
      assert.equal(one.batch.send(), 0);
    }
    await all;
    assert.deepEqual(
      got,
      Array.from({ length: batchSize + 6 }, (_, i) => i + 1),
    );
  });

  test('datagrams that are not answered do not shift the answers of the others', async () => {
    const one = server('127.0.0.1');
    const clients = await Promise.all(Array.from({ length: 9 }, () => client(one.port)));
    const answered = clients.filter((_, i) => i % 3 !== 0);
    const got = answered.map((socket) => heard(socket, 1));
    clients.forEach((socket, i) => {
      socket.send(Uint8Array.of(i));
    });
    assert.equal(one.batch.receive(), 9);
    for (let i = 0; i < 9; i++) if (i % 3 !== 0) echo(one, i, 100);
    assert.equal(one.batch.send(), 0);
    assert.deepEqual((await Promise.all(got)).flat(), [101, 102, 104, 105, 107, 108]);
  });

  test('a datagram that is too long is passed over', async () => {
    const one = server('127.0.0.1');
    const socket = await client(one.port);
    socket.send(new Uint8Array(receiveOctets + 1));
    socket.send(new Uint8Array(receiveOctets).fill(3));
    assert.equal(one.batch.receive(), 2);
    assert.equal(one.batch.lengthOf(0), 0);
    assert.equal(one.batch.lengthOf(1), receiveOctets);
    assert.equal(sendOctets, receiveOctets);
  });

  test('a client that is gone does not keep the others from their answers', async () => {
    const one = server('127.0.0.1');
    const gone = await client(one.port);
    const here = await client(one.port);
    const got = heard(here, 2);
    gone.send(Uint8Array.of(1));
    here.send(Uint8Array.of(2));
    assert.equal(one.batch.receive(), 2);
    sockets.splice(sockets.indexOf(gone), 1);
    gone.close();
    await once(gone, 'close');
    echo(one, 0, 10);
    echo(one, 1, 10);
    one.batch.send();
    here.send(Uint8Array.of(3));
    // The error of the answer nobody took may come first; it is no datagram.
    let count = one.batch.receive();
    if (count === 0) count = one.batch.receive();
    assert.equal(count, 1);
    echo(one, 0, 10);
    assert.equal(one.batch.send(), 0);
    assert.deepEqual(await got, [12, 13]);
  });

  test('answers leave from the address that was asked', async () => {
    for (const [wildcard, asked] of [
      ['0.0.0.0', '127.0.0.9'],
      ['::', '::1'],
    ] as const) {
      const one = server(wildcard, true);
      const others = [await client(one.port, asked), await client(one.port, asked)];
      // A connected socket hears only the address it is connected to.
      const got = heard(others[1]!, 1);
      others.forEach((socket, i) => {
        socket.send(Uint8Array.of(i));
      });
      assert.equal(one.batch.receive(), 2);
      assert.equal(one.batch.clientOctets(1), asked === '::1' ? 16 : 4);
      echo(one, 1, 40);
      assert.equal(one.batch.send(), 0);
      assert.deepEqual(await got, [41]);
    }
  });

  test('it wakes without a datagram', () => {
    const fd = openUdpSocket('127.0.0.1', 0);
    descriptors.push(fd);
    const buffer = new SharedArrayBuffer(UdpBatch.regionOctets);
    assert.equal(new UdpBatch(fd, buffer, 0, false, 20).receive(), 0);
  });
});
