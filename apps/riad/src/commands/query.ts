/** One question to one server; UDP first, TCP when the answer is truncated. */
import { randomInt } from 'node:crypto';
import { isIP } from 'node:net';
import { parseRecordClass } from '@riad/dns/iana/classes';
import { EdnsOptionCode } from '@riad/dns/iana/edns-options';
import { Opcode } from '@riad/dns/iana/opcodes';
import { parseRecordType } from '@riad/dns/iana/record-types';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { equalNames, parseName } from '@riad/dns/name';
import { formatMessage, messageToJson } from '@riad/dns/presentation';
import { Refusal } from '../refusal.ts';
import { askStream, askUdp, type Server } from './query-transport.ts';

/** What passes every path on the internet (DNS flag day 2020). */
const udpPayloadOctets = 1232;
const udpTries = 3;

type Options = {
  port?: string;
  class: string;
  tcp?: boolean;
  tls?: boolean;
  tlsName?: string;
  dnssec?: boolean;
  edns: boolean;
  nsid?: boolean;
  recurse?: boolean;
  timeout: string;
  json?: boolean;
};

export async function run(words: readonly string[], options: Options): Promise<number> {
  const address = words.find((word) => word.startsWith('@'))?.slice(1) ?? '127.0.0.1';
  if (isIP(address.split('%')[0] ?? '') === 0) {
    throw new Refusal(`@${address}: not an IP address; names are not looked up here`);
  }
  const [name, type = 'A', ...more] = words.filter((word) => !word.startsWith('@'));
  if (name === undefined || more.length > 0) {
    throw new Refusal('give one name, and a type if it is not A');
  }
  const query = makeQuery(name, type, options);
  const server: Server = {
    address,
    port: positive('--port', options.port ?? (options.tls ? '853' : '53'), 65535),
    timeoutMs: positive('--timeout', options.timeout, 600) * 1000,
    tls: options.tls ? { name: options.tlsName } : undefined,
  };
  const started = performance.now();
  const { message, octets, transport } = await ask(query, server, options.tcp === true);
  const tookMs = Math.round(performance.now() - started);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(messageToJson(message))}\n`);
  } else {
    process.stdout.write(formatMessage(message));
    process.stderr.write(
      `\n;; ${tookMs} ms, ${address} port ${server.port} (${transport}), ${octets.length} octets\n`,
    );
  }
  return 0;
}

function makeQuery(name: string, typeText: string, options: Options): Message {
  const type = parseRecordType(typeText.toUpperCase());
  if (type === undefined) throw new Refusal(`"${typeText}" is no record type`);
  const questionClass = parseRecordClass(options.class.toUpperCase());
  if (questionClass === undefined) throw new Refusal(`"${options.class}" is no class`);
  let owner: Uint8Array;
  try {
    owner = parseName(name.endsWith('.') ? name : `${name}.`);
  } catch (error) {
    throw new Refusal(`"${name}" is no name: ${(error as Error).message}`);
  }
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

/** RFC 5452 §9: same ID and question; the transport has checked where it came from. */
function isAnswerTo(query: Message, answer: Message): boolean {
  if (answer.id !== query.id || !answer.flags.qr) return false;
  const [asked] = query.questions;
  const [told] = answer.questions;
  // A server that could not read the question may leave it out (FORMERR).
  if (told === undefined) return answer.rcode !== 0;
  return (
    asked !== undefined &&
    told.type === asked.type &&
    told.class === asked.class &&
    equalNames(told.name, asked.name)
  );
}

function positive(option: string, text: string, most: number): number {
  const number = Number(text);
  if (number > 0 && number <= most) return number;
  throw new Refusal(`${option} ${text}: not a number from 1 to ${most}`);
}
