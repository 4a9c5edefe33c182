/** One question to one server; UDP first, TCP when the answer is truncated. */
import { randomInt } from 'node:crypto';
import { parseRecordClass } from '@riad/dns/iana/classes';
import { EdnsOptionCode } from '@riad/dns/iana/edns-options';
import { Opcode } from '@riad/dns/iana/opcodes';
import { parseRecordType } from '@riad/dns/iana/record-types';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { formatMessage, messageToJson } from '@riad/dns/presentation';
import { isAnswerTo } from '../exchange.ts';
import { nameOf } from '../name-argument.ts';
import { Refusal } from '../refusal.ts';
import { type ServerOption, serverOf } from '../server-option.ts';
import { askStream, askUdp, type Server } from './query-transport.ts';

/** What passes every path on the internet (DNS flag day 2020). */
const udpPayloadOctets = 1232;
const udpTries = 3;

type Options = ServerOption & {
  class: string;
  tcp?: boolean;
  dnssec?: boolean;
  edns: boolean;
  nsid?: boolean;
  recurse?: boolean;
  json?: boolean;
};

export async function run(words: readonly string[], options: Options): Promise<number> {
  const server = serverOf(words.find((word) => word.startsWith('@')) ?? '127.0.0.1', options);
  const [name, type = 'A', ...more] = words.filter((word) => !word.startsWith('@'));
  if (name === undefined || more.length > 0) {
    throw new Refusal('give one name, and a type if it is not A');
  }
  const query = makeQuery(name, type, options);
  const started = performance.now();
  const { message, octets, transport } = await ask(query, server, options.tcp === true);
  const tookMs = Math.round(performance.now() - started);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(messageToJson(message))}\n`);
  } else {
    process.stdout.write(formatMessage(message));
    process.stderr.write(
      `\n;; ${tookMs} ms, ${server.address} port ${server.port} (${transport}), ${octets.length} octets\n`,
    );
  }
  return 0;
}

function makeQuery(name: string, typeText: string, options: Options): Message {
  const type = parseRecordType(typeText.toUpperCase());
  if (type === undefined) throw new Refusal(`"${typeText}" is no record type`);
  const questionClass = parseRecordClass(options.class.toUpperCase());
  if (questionClass === undefined) throw new Refusal(`"${options.class}" is no class`);
  const owner = nameOf(name);
  const nsid = { code: EdnsOptionCode.NSID, octets: new Uint8Array(0) };
  const edns = {
    udpPayloadOctets,
    version: 0,
    dnssecOk: options.dnssec === true,
    options: options.nsid ? [nsid] : [],
  };
  return {
    id: randomInt(2 ** 16), // RFC 5452 §9.1: not to be guessed
    opcode: Opcode.QUERY,
    rcode: 0,
    flags: { ...noFlags, rd: options.recurse === true },
    questions: [{ name: owner, type, class: questionClass }],
    answers: [],
    authorities: [],
    additionals: [],
    ...(options.edns ? { edns } : {}),
  };
}

type Answer = { message: Message; octets: Uint8Array; transport: string };

async function ask(query: Message, server: Server, tcp: boolean): Promise<Answer> {
  const question = encodeMessage(query);
  const accept = (octets: Uint8Array): Message | undefined => {
    const result = decodeMessage(octets);
    return result.ok && isAnswerTo(query, result.value) ? result.value : undefined;
  };
  if (!tcp && server.tls === undefined) {
    for (let i = 0; i < udpTries; i++) {
      const octets = await askUdp(server, question, (received) => accept(received) !== undefined);
      const message = octets && accept(octets);
      if (message?.flags.tc) break;
      if (octets && message) return { message, octets, transport: 'UDP' };
      if (i === udpTries - 1) throw new Refusal(`no answer from ${server.address} over UDP`);
    }
  }
  const octets = await askStream(server, question);
  const message = accept(octets);
  if (message === undefined) throw new Refusal('what came back is no answer to the question');
  return { message, octets, transport: server.tls === undefined ? 'TCP' : 'TLS' };
}
