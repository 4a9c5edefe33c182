/** A primary that says what a test wants it to, over UDP and TCP on one port. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { recordsOf } from '@riad/dns-server/testing/built-zone';
import { framed } from '@riad/net/streams/stream-connection';

/** Messages to answer with; a number: an RCODE; `cut`: close the connection; `silent`: nothing. */
export type Script = (query: Message, octets: Uint8Array, transport: 'udp' | 'tcp') => Answer;
export type Answer = readonly (Uint8Array | 'cut')[] | number | 'silent';

export class ScriptedPrimary {
  script: Script;
  /** Questions so far: `tcp AXFR`. */
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #udp: UdpSocket;
  readonly #sockets = new Set<Socket>();
  readonly port: number;

  private constructor(server: Server, udp: UdpSocket, port: number, script: Script) {
    this.#server = server;
    this.#udp = udp;
    this.port = port;
    this.script = script;
    server.on('connection', (socket) => this.#serve(socket));
    udp.on('message', (octets, from) => {
      for (const each of this.#answer(octets, 'udp'))
        if (each !== 'cut') udp.send(each, from.port, from.address);
    });
  }

  static async open(script: Script, port: number = 0): Promise<ScriptedPrimary> {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const udp = createSocket('udp4');
    const bound = (server.address() as AddressInfo).port;
    udp.bind(bound, '127.0.0.1');
    await once(udp, 'listening');
    return new ScriptedPrimary(server, udp, bound, script);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#udp.close();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => void this.#sockets.delete(socket));
    socket.on('error', () => {});
    let held = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const end = 2 + held.readUInt16BE(0);
        for (const each of this.#answer(Uint8Array.from(held.subarray(2, end)), 'tcp')) {
          if (each === 'cut') socket.end();
          else socket.write(framed(each));
        }
        held = held.subarray(end);
      }
    });
  }

  #answer(octets: Uint8Array, transport: 'udp' | 'tcp'): readonly (Uint8Array | 'cut')[] {
    const decoded = decodeMessage(octets);
    if (!decoded.ok) throw decoded.error;
    const query = decoded.value;
    const types: Record<number, string> = { 6: 'SOA', 251: 'IXFR', 252: 'AXFR' };
    this.asked.push(`${transport} ${types[query.questions[0]?.type ?? 0] ?? '?'}`);
    const answer = this.script(query, octets, transport);
    if (answer === 'silent') return [];
    if (typeof answer === 'number')
      return [
        encodeMessage({
          ...query,
          flags: { ...noFlags, qr: true },
          rcode: answer,
          authorities: [],
          additionals: [],
        }),
      ];
    return answer;
  }
}

/** One message of an answer with the records of a text. */
export function answerWith(query: Message, zone: string, text: string): Uint8Array {
  return encodeMessage({
    id: query.id,
    opcode: query.opcode,
    rcode: 0,
    flags: { ...noFlags, qr: true, aa: true },
    questions: query.questions,
    answers: recordsOf(zone, text).map((record) => ({ ...record, class: 1 })),
    authorities: [],
    additionals: [],
  });
}

export type Version = { readonly serial: number; readonly expire?: number; readonly more?: string };

const soaOf = ({ serial, expire = 1_209_600 }: Version): string =>
  `@ 60 SOA ns h ${serial} 3600 900 ${expire} 60\n`;

/** What a primary of one zone without differences says. */
export function givingZone(zone: string, version: () => Version): Script {
  const apex = parseName(zone).toHex();
  return (query) => {
    const [question] = query.questions;
    if (question?.name.toHex() !== apex) return 9; // NOTAUTH
    const now = version();
    if (question.type === 6) return [answerWith(query, zone, soaOf(now))];
    const { more = '' } = now;
    const rest = `@ 60 NS ns\nns 60 A 192.0.2.1\n${more}`;
    return [answerWith(query, zone, soaOf(now) + rest), answerWith(query, zone, soaOf(now))];
  };
}
