/**
 * Who may ask, on every road: an address that is listed has its answer, another is refused with the
 * extended error that says why, by the batched worker, `node:dgram`, TCP and TLS alike.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { ExtendedError } from '@riad/dns/iana/extended-errors';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { askersOf } from '@riad/name-server/access/address-rules';
import { ffiMissing } from '@riad/net/ffi/libc';
import { framed } from '@riad/net/streams/stream-connection';
import { freePort } from '@riad/net/testing/free-port';
import { loopback, type Target } from '../../peers/server.ts';
import { openRoads } from './roads.ts';

const zone = {
  name: 'example.test',
  text: '@ 60 SOA ns h 1 1 1 1 1\n@ 60 NS ns\nns 60 A 192.0.2.1\n',
};
const query = encodeMessage({
  id: 4711,
  opcode: 0,
  rcode: 0,
  flags: noFlags,
  questions: [{ name: parseName('ns.example.test.'), type: RecordTypeCode.A, class: 1 }],
  answers: [],
  authorities: [],
  additionals: [],
  edns: { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options: [] },
});

type From = { readonly localAddress: string; readonly localPort?: number };

async function overUdp({ port }: Target, { localAddress, localPort = 0 }: From): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.bind(localPort, localAddress);
    await once(socket, 'listening');
    socket.send(query, port, loopback);
    const [reply] = (await once(socket, 'message')) as [Buffer];
    return told(reply);
  } finally {
    socket.close();
  }
}

async function overStream(target: Target, from: From, tls: boolean): Promise<string> {
  const place = { host: loopback, port: target.port, ...from };
  const socket = tls
    ? connectTls({ ...place, rejectUnauthorized: false, ALPNProtocols: ['dot'] })
    : connect(place);
  try {
    await once(socket, tls ? 'secureConnect' : 'connect');
    socket.write(framed(query));
    const [reply] = (await once(socket, 'data')) as [Buffer];
    return told(reply.subarray(2));
  } finally {
    socket.destroy();
  }
}

function told(reply: Uint8Array): string {
  const decoded = decodeMessage(Uint8Array.from(reply));
  assert.ok(decoded.ok);
  const { rcode, answers, edns } = decoded.value;
  const errors = edns?.options.filter(({ code }) => code === 15) ?? [];
  const details = errors.map(({ octets }) => (octets[0]! << 8) | octets[1]!);
  return `rcode ${rcode}, ${answers.length} answers, errors ${details.join()}`;
}

const answered = `rcode ${Rcode.NOERROR}, 1 answers, errors `;
const refused = `rcode ${Rcode.REFUSED}, 0 answers, errors ${ExtendedError.Prohibited}`;

const roads = ['worker', 'dgram', 'tcp', 'tls'] as const;

for (const road of roads) {
  test(`over ${road}`, {
    skip: road === 'worker' && (ffiMissing() ?? false),
    timeout: 60_000,
  }, async () => {
    const port = await freePort();
    const query = ['127.0.0.2', '127.0.1.0/24', `127.0.0.4@${port}`, '2001:db8::/32'];
    const lists = { query, transfer: ['127.0.0.5'] };
    await using open = await openRoads([zone], { askers: askersOf(lists) });
    const target = open[road]!;
    const ask = (from: From): Promise<string> =>
      road === 'tcp' || road === 'tls'
        ? overStream(target, from, road === 'tls')
        : overUdp(target, from);
    for (const [from, expected] of [
      [{ localAddress: '127.0.0.1' }, refused],
      [{ localAddress: '127.0.0.2' }, answered],
      [{ localAddress: '127.0.0.3' }, refused],
      [{ localAddress: '127.0.1.77' }, answered],
      [{ localAddress: '127.0.2.0' }, refused],
      [{ localAddress: '127.0.0.4' }, refused], // from some other port
      [{ localAddress: '127.0.0.4', localPort: port }, answered],
      [{ localAddress: '127.0.0.5' }, answered], // who may transfer may ask
    ] as const) {
      assert.equal(await ask(from), expected, JSON.stringify(from));
    }
  });
}
