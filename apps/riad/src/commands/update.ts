/**
 * `riad update`: changes zones by UPDATE messages (RFC 2136), one record from the command line or many
 * from a script in the language of nsupdate.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extendedError } from '@riad/dns/edns/extended-error';
import { formatRcode, Rcode } from '@riad/dns/iana/rcodes';
import type { Message } from '@riad/dns/message';
import { formatName, type Name, root } from '@riad/dns/name';
import { formatMessage } from '@riad/dns/presentation';
import { signatureOctets, type TsigKey } from '@riad/dns/tsig/tsig-key';
import { fitsOneMessage, updateMessage } from '@riad/dns-server/update/update-request';
import {
  readUpdateScript,
  type ScriptStep,
  type ScriptUpdate,
} from '@riad/dns-server/update/update-script';
import { encodeUtf8 } from '@riad/octets/utf8';
import { exchange } from '../exchange.ts';
import { nameOf } from '../name-argument.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';
import { type ServerOption, serverOf } from '../server-option.ts';
import { type KeyOption, signingKey } from '../signing-key.ts';
import { zoneOfName } from '../zone-of-name.ts';
import type { Server } from './query-transport.ts';

export type UpdateOptions = ServerOption &
  KeyOption & { readonly server: string; readonly zone?: string; readonly json?: boolean };

/** With `script`, `words` is the file alone; `-` or none is standard input. */
export async function run(
  action: 'add' | 'delete' | 'script',
  words: readonly string[],
  options: UpdateOptions,
  output: Output = process,
): Promise<number> {
  const { steps } = action === 'script' ? scriptOf(words[0]) : lineOf(action, words);
  const server = serverOf(options.server, options);
  const key = await signingKey(options, output);
  const zone = options.zone === undefined ? undefined : nameOf(options.zone, 'zone');
  const updater = new Updater(server, key, zone, options, output);
  let good = true;
  for (const step of steps) good = (await updater.step(step)) && good;
  if (options.json) output.stdout.write(`${JSON.stringify(updater.results)}\n`);
  return good ? 0 : 1;
}

function scriptOf(file: string = '-'): { steps: readonly ScriptStep[] } {
  const text = readFileSync(file === '-' ? 0 : file);
  return readSteps(text, file === '-' ? 'standard input' : file);
}

function readSteps(text: Uint8Array, file: string): { steps: readonly ScriptStep[] } {
  const { steps, errors } = readUpdateScript(text, file);
  if (errors.length === 0) return { steps };
  throw new Refusal(errors.map((error) => error.format()).join('\n'));
}

/** A change in the words of a command line is a line of a script, quoted again where the shell took that away. */
function lineOf(
  action: 'add' | 'delete',
  words: readonly string[],
): { steps: readonly ScriptStep[] } {
  const fixed = action === 'add' ? 3 : 2;
  if (action === 'add' && words.length < 4) throw new Refusal('give NAME TTL TYPE DATA');
  const type = words[fixed - 1]?.toUpperCase() ?? '';
  const data = words.slice(fixed);
  // One word may be all of the data, as it stands in a zone file, unless the data are texts themselves.
  const whole = data.length === 1 && type !== 'TXT' && type !== 'SPF';
  const line = [
    'update',
    action,
    ...words.slice(0, fixed),
    ...(whole ? data : data.map(quoted)),
  ].join(' ');
  if (/[\r\n]/.test(line)) throw new Refusal('a change is one line');
  return readSteps(encodeUtf8(line), 'command line');
}

function quoted(word: string): string {
  if (word !== '' && (word.startsWith('"') || !/[\s;()"]/.test(word))) return word;
  return `"${word.replace(/"/g, '\\"')}"`;
}

type Result = {
  readonly zone: string;
  readonly rcode: string;
  readonly good: boolean;
  readonly reason?: string;
};

class Updater {
  readonly results: Result[] = [];
  #server: Server;
  #key: TsigKey | undefined;
  readonly #zone: Name | undefined;
  readonly #options: UpdateOptions;
  readonly #output: Output;
  #answer: Message | undefined;

  constructor(
    server: Server,
    key: TsigKey | undefined,
    zone: Name | undefined,
    options: UpdateOptions,
    output: Output,
  ) {
    this.#server = server;
    this.#key = key;
    this.#zone = zone;
    this.#options = options;
    this.#output = output;
  }

  /** False for what the server did not do. */
  async step(step: ScriptStep): Promise<boolean> {
    const { stdout } = this.#output;
    switch (step.kind) {
      case 'server': {
        const { port: _, ...options } = this.#options;
        const port = step.port === undefined ? '' : `#${step.port}`;
        this.#server = serverOf(`${step.address}${port}`, options);
        return true;
      }
      case 'key':
        this.#key = step.key;
        return true;
      case 'show':
        stdout.write(formatMessage(updateMessage(this.#zoneText(step.update), step.update, 0)));
        return true;
      case 'answer':
        if (this.#answer !== undefined) stdout.write(formatMessage(this.#answer));
        return true;
      case 'send':
        return this.#send(step.update);
    }
  }

  #zoneText(update: ScriptUpdate): Name {
    return update.zone ?? this.#zone ?? root;
  }

  async #send(update: ScriptUpdate): Promise<boolean> {
    const first = (update.updates[0] ?? update.prerequisites[0])!.owner;
    const zone = update.zone ?? this.#zone ?? (await zoneOfName(first, this.#server));
    const { answer, result } = await sendUpdate(zone, update, this.#server, this.#key);
    this.#answer = answer;
    this.results.push(result);
    this.#output.stderr.write(`${sentenceOf(result, update)}\n`);
    return result.good;
  }
}

/** Sends one message, over TCP: nothing is repeated that may have been done already. */
export async function sendUpdate(
  zone: Name,
  update: Pick<ScriptUpdate, 'prerequisites' | 'updates'>,
  server: Server,
  key: TsigKey | undefined,
): Promise<{ readonly answer: Message; readonly result: Result }> {
  const message = updateMessage(zone, update, randomInt(2 ** 16));
  if (!fitsOneMessage(message, key === undefined ? 0 : signatureOctets(key))) {
    throw new Refusal('these updates do not fit into one message; put send between them');
  }
  const answer = await exchange(message, server, key, 'tcp');
  const { rcode } = answer;
  const good = rcode === Rcode.NOERROR;
  const reason = good ? undefined : reasonOf(answer, key);
  return {
    answer,
    result: {
      zone: formatName(zone),
      rcode: formatRcode(rcode),
      good,
      ...(reason === undefined ? {} : { reason }),
    },
  };
}

function sentenceOf(
  { zone, rcode, good, reason }: Result,
  { prerequisites, updates }: ScriptUpdate,
): string {
  if (!good) return `${zone}: not changed: ${rcode}${reason === undefined ? '' : `: ${reason}`}`;
  if (updates.length === 0) return `${zone}: ${prerequisites.length} prerequisites hold`;
  return `${zone}: ${updates.length} ${updates.length === 1 ? 'change' : 'changes'} taken`;
}

/** RFC 2136 §2.2 in words, and what the server says itself (RFC 8914). */
function reasonOf({ rcode, edns }: Message, key: TsigKey | undefined): string | undefined {
  const own = extendedError.find(edns)?.extraText;
  if (own !== undefined && own !== '') return own;
  switch (rcode) {
    case Rcode.YXDOMAIN:
      return 'a name that should not exist does';
    case Rcode.NXDOMAIN:
      return 'a name that should exist does not';
    case Rcode.YXRRSET:
      return 'an RRset that should not exist does';
    case Rcode.NXRRSET:
      return 'an RRset that should exist, or have these records, does not';
    case Rcode.NOTZONE:
      return 'a name lies outside the zone';
    case Rcode.NOTAUTH:
      return 'the server has no such zone, or does not know the key';
    case Rcode.REFUSED:
      return key === undefined ? 'it may want a key' : 'the key has no right to it';
    default:
      return undefined;
  }
}
