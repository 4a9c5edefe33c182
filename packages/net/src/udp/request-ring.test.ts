import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { ffiMissing } from '../ffi/libc.ts';
import { boundAddress, closeDescriptor, openUdpSocket } from '../ffi/socket.ts';
import { UdpBatch } from './batch.ts';
import { DatagramSender } from './datagram-sender.ts';
import { RequestRing, readSocketName, ringSlots } from './request-ring.ts';

const source = RequestRing.regionOctets;

function ring(): { ring: RequestRing; octets: Uint8Array } {
  const buffer = new SharedArrayBuffer(RequestRing.regionOctets + 4096);
  return { ring: new RequestRing(buffer, 0), octets: new Uint8Array(buffer) };
}

describe('datagrams for another thread', () => {
  test('come out as they went in, in order, however often the ring goes round', () => {
    const { ring: one, octets } = ring();
    for (let i = 0; i < 3 * ringSlots; i++) {
      octets.set([i & 255, i >> 8, 3], source);
      assert.ok(one.put(source, 3, source, 2, source, 1));
      const taken = one.take()!;
      assert.deepEqual([...taken.message], [i & 255, i >> 8, 3]);
      assert.deepEqual([...taken.name], [i & 255, i >> 8]);
      assert.deepEqual([...taken.control], [i & 255]);
      assert.equal(one.take(), undefined);
    }
  });

  test('that do not fit are dropped and counted, and those before them stay', () => {
    const { ring: one, octets } = ring();
    for (let i = 0; i < ringSlots + 5; i++) {
      octets[source] = i;
      assert.equal(one.put(source, 1, source, 0, source, 0), i < ringSlots);
    }
    assert.equal(one.put(source, 4097, source, 0, source, 0), false);
    assert.equal(one.dropped, 6);
    for (let i = 0; i < ringSlots; i++) assert.equal(one.take()!.message[0], i);
    assert.equal(one.take(), undefined);
  });

  test('wake who waits for them', async () => {
    const { ring: one } = ring();
    const filled = one.filled();
    assert.ok(one.put(source, 1, source, 0, source, 0));
    await filled;
    await one.filled(); // there is something: at once
    one.take();
    const again = one.filled();
    one.wake();
    await again;
  });
});

for (const [what, bound, asked] of [
  ['one address', '127.0.0.1', '127.0.0.1'],
  ['all addresses', '0.0.0.0', '127.0.0.7'],
  ['all addresses, IPv6', '::', '::1'],
] as const) {
  test(`an answer on ${what} leaves from the address that was asked`, {
    skip: ffiMissing() ?? false,
  }, async () => {
    const fd = openUdpSocket(bound, 0, { receiveBufferOctets: 1 << 20 });
    const buffer = new SharedArrayBuffer(UdpBatch.regionOctets + 64 + RequestRing.regionOctets);
    const batch = new UdpBatch(fd, buffer, 64, bound !== asked, 2000);
    const handed = new RequestRing(buffer, 64 + UdpBatch.regionOctets);
    const client = createSocket(asked.includes(':') ? 'udp6' : 'udp4');
    try {
      client.connect(boundAddress(fd).port, asked); // takes answers from that address alone
      await once(client, 'connect');
      const heard = once(client, 'message');
      client.send(Uint8Array.of(1, 2, 3));
      assert.equal(batch.receive(), 1);
      assert.ok(batch.handOver(0, handed));
      const datagram = handed.take()!;
      assert.equal(readSocketName(datagram.name).port, client.address().port);
      assert.deepEqual([...datagram.message], [1, 2, 3]);
      assert.ok(new DatagramSender(fd).send(Uint8Array.of(9), datagram));
      assert.deepEqual([...((await heard)[0] as Uint8Array)], [9]);
    } finally {
      client.close();
      closeDescriptor(fd);
    }
  });
}
