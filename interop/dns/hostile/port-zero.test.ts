/**
 * A datagram from port 0 cannot be answered, and sendmmsg(2) stops at the first destination it does not
 * like: one such query in the middle of a batch must cost nobody else an answer.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { ffiMissing, libc, systemCallError } from '@riad/net/ffi/libc';
import { boundAddress, closeDescriptor, openUdpSocket } from '@riad/net/ffi/socket';
import { UdpBatch } from '@riad/net/udp/batch';
import { loopback } from '../../peers/server.ts';
import { askOverUdp } from '../authoritative/ask.ts';
import { openRoads } from '../authoritative/roads.ts';
import { withId } from './ask.ts';
import { sentinel, zones } from './campaign.ts';

const AF_INET = 2;
const SOCK_RAW = 3;
const IPPROTO_UDP = 17;

const skip = ffiMissing() ?? (process.getuid?.() === 0 ? false : 'raw sockets are for root');

/** Sends datagrams with source port 0, which no common socket does. */
class PortZero {
  readonly #fd: number;
  readonly #sendto = libc().func(
    'int sendto(int fd, const void *octets, size_t length, int flags, const void *to, uint32_t toLength)',
  );

  constructor() {
    this.#fd = libc().func('int socket(int, int, int)')(AF_INET, SOCK_RAW, IPPROTO_UDP) as number;
    if (this.#fd < 0) throw systemCallError('socket', 'raw');
  }

  send(payload: Uint8Array, port: number): void {
    const datagram = new Uint8Array(8 + payload.length);
    const view = new DataView(datagram.buffer);
    view.setUint16(2, port); // source port 0 before it; checksum 0 behind: none (RFC 768)
    view.setUint16(4, datagram.length);
    datagram.set(payload, 8);
    const to = Uint8Array.of(AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    if (this.#sendto(this.#fd, datagram, datagram.length, 0, to, to.length) !== datagram.length)
      throw systemCallError('sendto');
  }

  [Symbol.dispose](): void {
    closeDescriptor(this.#fd);
  }
}

describe('queries from port 0', { skip, timeout: 30_000 }, () => {
  test('in the middle of one batch: the others are answered, each with its own', async () => {
    using nobody = new PortZero();
    const fd = openUdpSocket(loopback, 0);
    const { port } = boundAddress(fd);
    const region = new SharedArrayBuffer(UdpBatch.regionOctets);
    const octets = new Uint8Array(region);
    const batch = new UdpBatch(fd, region, 0, false, 1000);
    const client = createSocket('udp4');
    client.connect(port, loopback);
    await once(client, 'connect');
    const heard: number[] = [];
    client.on('message', (message) => heard.push(message[0]!));
    const send = (value: number): Promise<void> =>
      new Promise((resolve) => client.send(Uint8Array.of(value), () => resolve()));
    for (let i = 0; i < 20; i++) {
      if (i % 5 === 2) nobody.send(Uint8Array.of(i), port);
      else await send(i);
    }
    // All of them wait in the socket by now, so that they come in one batch.
    const count = batch.receive();
    assert.equal(count, 20);
    const unanswerable: number[] = [];
    for (let i = 0; i < count; i++) {
      const at = batch.queryAt(i);
      if (batch.lengthOf(i) === 0) {
        unanswerable.push(octets[at]!);
        continue;
      }
      octets[batch.answerAt] = octets[at]!;
      batch.queue(i, 1);
    }
    assert.deepEqual(unanswerable, [2, 7, 12, 17]);
    assert.equal(batch.send(), 0, 'nothing failed');
    while (heard.length < 16) await once(client, 'message');
    const expected = Array.from({ length: 20 }, (_, i) => i).filter((i) => i % 5 !== 2);
    assert.deepEqual(
      heard.sort((a, b) => a - b),
      expected,
    );
    client.close();
    closeDescriptor(fd);
  });

  test('among the queries to a running worker: every client gets its answer', async () => {
    using nobody = new PortZero();
    await using roads = await openRoads(zones);
    const { port } = roads.worker!;
    const queries = Array.from({ length: 5000 }, () => sentinel);
    let open = true;
    const disturb = (): void => {
      for (let i = 0; i < 3; i++) nobody.send(withId(sentinel, 0xffff), port);
      if (open) setImmediate(disturb);
    };
    disturb();
    const answers = await askOverUdp(roads.worker!, queries);
    open = false;
    assert.equal(answers.filter((answer) => answer === undefined).length, 0);
  });
});
