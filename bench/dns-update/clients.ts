/** Clients that update one name after the other, each waiting for its answer; in a process of their own. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Opcode } from '@riad/dns/iana/opcodes';
import { noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { signRequest } from '@riad/dns/tsig/sign';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { threadHmac } from '@riad/net/ciphers/hmac';
import type { UnixSeconds } from '@riad/octets/engine';

export type ClientPlan = {
  readonly port: number;
  readonly zone: string;
  readonly key: TsigKey;
  readonly clients: number;
  readonly seconds: number;
  readonly names: number;
};

type ToldPlan = Omit<ClientPlan, 'key'> & {
  readonly run: number;
  readonly key: Omit<TsigKey, 'name' | 'secret'> & { name: number[]; secret: number[] };
};

/** Signed before the time runs, by all clients together: more are signed when they are due. */
const preparedPerSecond = 10_000;

/** When no answer has come, the next update is sent: datagrams may be lost. */
const answerMs = 2000;

/** Runs so far: an update that sets what an earlier run has set would change nothing, and cost nothing. */
let runs = 0;

/** How many updates were acknowledged. */
export async function runClients(plan: ClientPlan, core: number): Promise<number> {
  const told: ToldPlan = {
    ...plan,
    run: runs++,
    key: { ...plan.key, name: [...plan.key.name], secret: [...plan.key.secret] },
  };
  const child = spawn('taskset', ['-c', String(core), process.execPath, import.meta.filename], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(told));
  let text = '';
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error('the clients failed');
  return Number(text);
}

type RunPlan = ClientPlan & Pick<ToldPlan, 'run'>;

/** The signed updates of one client, by their number. */
function updatesOf(plan: RunPlan, number: number): (sent: number) => Uint8Array {
  const zone = parseName(plan.zone);
  const sign = threadHmac();
  const make = (sent: number): Uint8Array => {
    const host = (number * 1000 + (sent % 1000)) % plan.names;
    const owner = parseName(`host${host}`, zone);
    const rdata = Uint8Array.of(1 + (plan.run % 200), sent >> 16, (sent >> 8) & 255, sent & 255);
    const message = encodeMessage({
      id: sent & 0xffff,
      opcode: Opcode.UPDATE,
      rcode: 0,
      flags: noFlags,
      questions: [{ name: zone, type: 6, class: 1 }],
      answers: [],
      authorities: [
        { owner, type: 1, class: 255, ttlSeconds: 0, rdata: new Uint8Array(0) },
        { owner, type: 1, class: 1, ttlSeconds: 3600, rdata },
      ],
      additionals: [],
    });
    const now = Math.floor(Date.now() / 1000) as UnixSeconds;
    return signRequest(message, plan.key, now, sign).octets;
  };
  const length = Math.ceil((preparedPerSecond * plan.seconds) / plan.clients);
  const prepared = Array.from({ length }, (_, sent) => make(sent));
  return (sent) => prepared[sent] ?? make(sent);
}

/**
 * One client. What it does between an answer and its next update counts for both servers alike, and is little:
 * one listener, no promise for each update, and what it sends was signed before.
 */
async function client(
  { port }: RunPlan,
  updateOf: (sent: number) => Uint8Array,
  end: number,
): Promise<number> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let acknowledged = 0;
  let sent = 0;
  let sentAt = 0;
  const send = (): void => {
    socket.send(updateOf(sent));
    sent++;
    sentAt = performance.now();
  };
  socket.on('error', reject);
  socket.on('message', (answer) => {
    if (((answer[0]! << 8) | answer[1]!) !== ((sent - 1) & 0xffff)) return; // late, to one that was given up
    if ((answer[3]! & 15) !== 0) {
      reject(new Error(`RCODE ${answer[3]! & 15}`));
      return;
    }
    acknowledged++;
    if (performance.now() < end) send();
    else resolve(acknowledged);
  });
  const looking = setInterval(() => {
    const now = performance.now();
    if (now >= end + answerMs) resolve(acknowledged);
    else if (now - sentAt >= answerMs) send();
  }, answerMs / 4);
  send();
  await promise;
  clearInterval(looking);
  socket.close();
  return acknowledged;
}

if (process.argv[1] === import.meta.filename) {
  let text = '';
  for await (const piece of process.stdin) text += String(piece);
  const told = JSON.parse(text) as ToldPlan;
  const key = {
    ...told.key,
    name: Uint8Array.from(told.key.name),
    secret: Uint8Array.from(told.key.secret),
  };
  const plan = { ...told, key };
  const updates = Array.from({ length: plan.clients }, (_, number) => updatesOf(plan, number));
  const end = performance.now() + plan.seconds * 1000;
  const counts = await Promise.all(updates.map((updateOf) => client(plan, updateOf, end)));
  process.stdout.write(String(counts.reduce((sum, count) => sum + count, 0)));
}
