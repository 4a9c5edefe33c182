import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { lastWordsMs, messagesPerTurn, type StreamOptions, StreamServer } from './stream-server.ts';
import { framed, openClient, type StreamClient, until } from './testing/stream-client.ts';

const servers: StreamServer[] = [];
after(async () => void (await Promise.all(servers.map((server) => server.stop()))));

async function serve(
  options: Partial<StreamOptions> = {},
): Promise<{ server: StreamServer; port: number }> {
  const server = new StreamServer({
    maxClients: 5000,
    maxClientsPerAddress: 5000,
    idleTimeoutMs: 30_000,
    answer: (message) => message.toReversed(),
    ...options,
  });
  servers.push(server);
  const { port } = await server.listen({ address: '127.0.0.1', port: 0 });
  return { server, port };
}

/** A message that says its number in the first octets, of 12 octets or more. */
function numbered(number: number, length: number = 12): Uint8Array {
  const message = new Uint8Array(length);
  new DataView(message.buffer).setUint32(0, number);
  return message;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

describe('messages over TCP', { timeout: 60_000 }, () => {
  test('a thousand questions in odd pieces are answered in order', async () => {
    const { port } = await serve();
    const questions = Array.from({ length: 1000 }, (_, i) => numbered(i, 12 + ((i * 37) % 700)));
    const stream = joined(questions.map(framed));
    for (const step of [1, 2, 3, 7, 1021, 65_536]) {
      const client = await openClient(port);
      // Writing one octet at a time is slow; the start of the stream shows what there is to see.
      const count = step === 1 ? 20 : questions.length;
      const end = step === 1 ? joined(questions.slice(0, count).map(framed)).length : stream.length;
      for (let at = 0, k = 0; at < end; k++) {
        const next = Math.min(end, at + (step < 8 ? step : 1 + ((k * 7919) % step)));
        client.socket.write(stream.subarray(at, next));
        at = next;
      }
      await client.received(count);
      assert.deepEqual(
        client.messages,
        questions.slice(0, count).map((question) => question.toReversed()),
      );
      await client.close();
    }
  });

  test('the largest message and the smallest; no answer leaves the connection open', async () => {
    const { port } = await serve({
      answer: (message) => (message[0] === 9 ? undefined : message),
    });
    const client = await openClient(port);
    assert.equal((await client.ask(numbered(1, 65_535))).length, 65_535);
    client.socket.write(framed(new Uint8Array(12).fill(9)));
    assert.deepEqual(await client.ask(numbered(2)), numbered(2));
    await client.close();
  });

  test('who ends its side of the connection still gets its answers, then the end', async () => {
    const { port, server } = await serve();
    const client = await openClient(port);
    let ended = false;
    client.socket.once('end', () => {
      ended = true;
    });
    const count = messagesPerTurn * 3; // more than one turn, so that the end arrives first
    client.socket.end(joined(Array.from({ length: count }, (_, i) => framed(numbered(i)))));
    await client.received(count);
    await client.untilClosed();
    assert.ok(ended);
    await until(() => server.counts.active === 0, 'no connection left');
  });

  test('half a message and the end: closed without an answer', async () => {
    const { port, server } = await serve();
    const client = await openClient(port);
    client.socket.end(framed(numbered(1)).subarray(0, 9));
    await client.untilClosed();
    assert.equal(client.messages.length, 0);
    await until(() => server.counts.active === 0, 'no connection left');
  });

  test('lengths too short for a header end the connection', async () => {
    const { port, server } = await serve();
    for (const length of [0, 1, 11]) {
      const client = await openClient(port);
      client.socket.write(joined([framed(numbered(7)), framed(new Uint8Array(length))]));
      await client.untilClosed();
    }
    assert.equal(server.counts.malformed, 3);
  });

  test('one client with much to ask does not hold up another', async () => {
    const order: number[] = [];
    let other: StreamClient | undefined;
    const { port } = await serve({
      answer: (message) => {
        if (order.length === 0) other?.socket.write(framed(numbered(77)));
        order.push(message[3]!);
        return message;
      },
    });
    other = await openClient(port);
    const busy = await openClient(port);
    const count = 20_000;
    busy.socket.write(joined(Array.from({ length: count }, () => framed(numbered(1)))));
    await Promise.all([other.received(1), busy.received(count)]);
    const place = order.indexOf(77);
    assert.ok(place > 0 && place < count / 2, `answered as number ${place} of ${count}`);
    await Promise.all([other.close(), busy.close()]);
  });

  test('a thousand idle and slow clients do not stop others from being served', async () => {
    const { port, server } = await serve();
    const half = framed(numbered(1)).subarray(0, 5);
    const clients = await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => {
        const client = await openClient(port, { reads: i % 3 !== 0 });
        if (i % 2 === 0) client.socket.write(half);
        return client;
      }),
    );
    await until(() => server.counts.active === 1000, 'a thousand connections');
    for (let i = 0; i < 100; i++) {
      const client = await openClient(port);
      assert.deepEqual(await client.ask(numbered(i)), numbered(i).toReversed());
      await client.close();
    }
    await Promise.all(clients.map((client) => client.close()));
    await until(() => server.counts.active === 0, 'no connection left');
  });

  test('who drips octets, says nothing, or never reads is cut', async () => {
    let answered = 0;
    const { port, server } = await serve({
      idleTimeoutMs: 200,
      answer: () => {
        answered++;
        return new Uint8Array(60_000);
      },
    });
    const silent = await openClient(port);
    const dripping = await openClient(port);
    const message = framed(numbered(1, 5000));
    let dripped = 0;
    const drip = setInterval(() => {
      if (!dripping.closed) dripping.socket.write(message.subarray(dripped, ++dripped));
    }, 10);
    const greedy = await openClient(port, { reads: false });
    const asked = 2000;
    greedy.socket.write(joined(Array.from({ length: asked }, () => framed(numbered(1)))));
    await Promise.all([silent.untilClosed(), dripping.untilClosed()]);
    clearInterval(drip);
    await until(() => server.counts.idleClosed === 3, 'three cut');
    assert.ok(dripped < message.length);
    // What the kernel buffers for a loopback connection is some megabytes; 120 MB were asked for.
    assert.ok(answered < asked / 2, `${answered} answered`);
    await greedy.close();
  });

  test('memory for answers that are not taken is bounded', async () => {
    const sizes: number[] = [];
    let unsent = (): number => 0;
    const { port, server } = await serve({
      idleTimeoutMs: 400,
      answer: () => {
        sizes.push(unsent());
        return new Uint8Array(65_535);
      },
    });
    const client = await openClient(port, { reads: false });
    unsent = () => process.memoryUsage().arrayBuffers;
    const before = unsent();
    client.socket.write(joined(Array.from({ length: 3000 }, () => framed(numbered(1)))));
    await until(() => server.counts.idleClosed === 1, 'cut');
    const most = Math.max(...sizes) - before;
    // What is kept is less than a tenth of this; the rest is garbage of several turns.
    assert.ok(most < 16 << 20, `${most} octets`);
    await client.close();
  });
});

describe('limits of connections', { timeout: 60_000 }, () => {
  test('when the table is full the longest idle connection gives way', async () => {
    const { port, server } = await serve({ maxClients: 3 });
    const first = await openClient(port);
    await first.ask(numbered(1));
    const second = await openClient(port);
    await second.ask(numbered(1));
    const third = await openClient(port);
    await third.ask(numbered(1));
    await first.ask(numbered(2)); // now the second has been idle the longest
    const fourth = await openClient(port);
    await fourth.ask(numbered(1));
    await second.untilClosed();
    await first.ask(numbered(3));
    await third.ask(numbered(3));
    assert.equal(server.counts.refusedTotal, 1);
    assert.equal(server.counts.active, 3);
    await Promise.all([first, third, fourth].map((client) => client.close()));
  });

  test('one address has so many connections, others have theirs', async () => {
    const { port, server } = await serve({ maxClientsPerAddress: 2 });
    const mine = [await openClient(port), await openClient(port)];
    await Promise.all(mine.map((client) => client.ask(numbered(1))));
    const refused = await openClient(port);
    await refused.untilClosed();
    assert.equal(server.counts.refusedPerAddress, 1);
    const neighbour = await openClient(port, { from: '127.0.0.2' });
    await neighbour.ask(numbered(1));
    await mine[0]!.close();
    await until(() => server.counts.active === 2, 'one has gone');
    const again = await openClient(port);
    await again.ask(numbered(1));
    await Promise.all([mine[1]!, neighbour, again].map((client) => client.close()));
  });
});

test('stop ends everything soon, whatever clients do, and lets answers leave', async () => {
  const large = { greedy: 0, slow: 0 };
  const { port, server } = await serve({
    answer: (message) => {
      if (message[3] === 2) large.greedy++;
      else if (message[3] === 3) large.slow++;
      else return message;
      return new Uint8Array(60_000);
    },
  });
  const idle = await openClient(port);
  await idle.ask(numbered(1));
  const halfway = await openClient(port);
  halfway.socket.write(Uint8Array.of(0, 40, 1, 2));
  const greedy = await openClient(port, { reads: false });
  greedy.socket.write(joined(Array.from({ length: 500 }, () => framed(numbered(2)))));
  await until(() => server.counts.active === 3 && large.greedy > 10, 'three connections');
  // One that reads, but has asked for more than fits into the kernel's buffers.
  const slow = await openClient(port, { reads: false });
  slow.socket.write(joined(Array.from({ length: 120 }, () => framed(numbered(3)))));
  await until(() => large.slow > 10, 'a fourth');
  const given = large.slow;
  slow.read();
  const started = performance.now();
  await server.stop();
  const took = performance.now() - started;
  assert.ok(took < lastWordsMs + 250, `${took} ms`);
  await Promise.all([idle.untilClosed(), halfway.untilClosed(), slow.untilClosed()]);
  assert.ok(slow.messages.length >= given, `${slow.messages.length} of ${given} arrived`);
  assert.equal(server.counts.active, 0);
  await assert.rejects(openClient(port), { code: 'ECONNREFUSED' });
  await greedy.close();
});
