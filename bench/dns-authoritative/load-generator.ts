/**
 * Sends prepared queries to one address and checks what comes back: id, question, RCODE and, where it
 * is known, the number of answers. Batched system calls, no allocation per query, so that one core
 * drives any server to its limit. Runs as a process of its own:
 *
 *   node load-generator.ts '{"file":"queries.bin","port":5300,"seconds":5,"rate":50000}'
 *
 * With `rate`, queries leave evenly spaced whatever the server does; without, `window` of them are
 * always under way. Prints one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { libc } from '@riad/net/ffi/libc';

type Order = {
  readonly file: string;
  readonly port: number;
  readonly seconds: number;
  readonly rate?: number;
  readonly window?: number;
  readonly sockets?: number;
};
export type LoadResult = {
  readonly sent: number;
  readonly answered: number;
  readonly wrong: number;
  readonly lost: number;
  readonly seconds: number;
  readonly latencyMicroseconds: {
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
  readonly firstWrong: string | undefined;
};

const batch = 64;
const slotOctets = 4096;
/** Queries under way are told apart by 16 bits of id. */
const ids = 65536;
/** A query unanswered for so long is lost. */
const lostAfterMs = 1000;

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
process.stdout.write(`${JSON.stringify(run(order))}\n`);

function run({ file, port, seconds, rate, window = 512, sockets = 4 }: Order): LoadResult {
  const { koffi, func } = libc();
  const socket = func('int socket(int, int, int)');
  const connect = func('int connect(int, const void *, uint32_t)');
  const setsockopt = func('int setsockopt(int, int, int, const void *, uint32_t)');
  const recvmmsg = func('int recvmmsg(int, uintptr_t, uint32_t, int, void *)') as (
    fd: number,
    at: number,
    count: number,
    flags: number,
    timeout: null,
  ) => number;
  const sendmmsg = func('int sendmmsg(int, uintptr_t, uint32_t, int)') as (
    fd: number,
    at: number,
    count: number,
    flags: number,
  ) => number;

  // Each query: length (16), expected RCODE (8), expected answers or 255 (8), octets.
  const queries = new Uint8Array(readFileSync(file));
  const starts: number[] = [];
  for (let at = 0; at < queries.length; at += 4 + ((queries[at]! << 8) | queries[at + 1]!))
    starts.push(at);
  const offsets = Int32Array.from(starts);

  const fds: number[] = [];
  const address = new Uint8Array([
    2,
    0,
    port >>> 8,
    port & 255,
    127,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  for (let i = 0; i < sockets; i++) {
    const fd = socket(2, 2, 0) as number;
    setsockopt(fd, 1, 8, new Int32Array([8 << 20]), 4);
    if (connect(fd, address, 16) !== 0) throw new Error('connect');
    fds.push(fd);
  }
  const region = new Uint8Array(new ArrayBuffer(batch * (64 + 16 + slotOctets) * 2));
  const view = new DataView(region.buffer);
  const base = koffi.address(region) as bigint;
  const [receiveHeaders, sendHeaders] = [0, batch * 64];
  const [receiveVectors, sendVectors] = [batch * 128, batch * 144];
  const [receiveData, sendData] = [batch * 160, batch * (160 + slotOctets)];
  for (let i = 0; i < batch; i++) {
    for (const [headers, vectors, data] of [
      [receiveHeaders, receiveVectors, receiveData],
      [sendHeaders, sendVectors, sendData],
    ] as const) {
      view.setBigUint64(headers + i * 64 + 16, base + BigInt(vectors + i * 16), true);
      view.setBigUint64(headers + i * 64 + 24, 1n, true);
      view.setBigUint64(vectors + i * 16, base + BigInt(data + i * slotOctets), true);
      view.setBigUint64(vectors + i * 16 + 8, BigInt(slotOctets), true);
    }
  }
  const receiveAddress = Number(base) + receiveHeaders;
  const sendAddress = Number(base) + sendHeaders;

  const queryOf = new Int32Array(ids).fill(-1);
  const sentAt = new Float64Array(ids);
  const histogram = new Int32Array(4096);
  let sent = 0;
  let answered = 0;
  let wrong = 0;
  let lost = 0;
  let under = 0;
  let nextId = 0;
  let nextQuery = 0;
  let maxLatency = 0;
  let firstWrong: string | undefined;

  function bucketOf(microseconds: number): number {
    const value = Math.max(1, Math.floor(microseconds));
    const log = 31 - Math.clz32(value);
    return log < 5 ? value : Math.min(4095, (log << 5) | ((value >>> (log - 5)) & 31));
  }
  function microsecondsOf(bucket: number): number {
    const log = bucket >>> 5;
    return log < 5 ? bucket : (1 << log) | ((bucket & 31) << (log - 5));
  }

  function send(fd: number, count: number, now: number): void {
    let ready = 0;
    for (let i = 0; i < count; i++) {
      const id = nextId;
      if (queryOf[id] !== -1) {
        if (now - sentAt[id]! < lostAfterMs) break; // all ids are under way
        lost++;
        under--;
      }
      nextId = (nextId + 1) & (ids - 1);
      const index = nextQuery;
      nextQuery = nextQuery + 1 === offsets.length ? 0 : nextQuery + 1;
      const from = offsets[index]!;
      const length = (queries[from]! << 8) | queries[from + 1]!;
      const to = sendData + ready * slotOctets;
      for (let j = 2; j < length; j++) region[to + j] = queries[from + 4 + j]!;
      region[to] = id >>> 8;
      region[to + 1] = id & 255;
      view.setUint32(sendVectors + ready * 16 + 8, length, true);
      queryOf[id] = index;
      sentAt[id] = now;
      ready++;
    }
    let done = 0;
    for (let tries = 0; done < ready && tries < 1000; tries++) {
      const count = sendmmsg(fd, sendAddress + done * 64, ready - done, 0);
      if (count > 0) done += count;
    }
    sent += done;
    under += ready;
  }

  function receive(fd: number): number {
    const count = recvmmsg(fd, receiveAddress, batch, 0x40, null);
    if (count <= 0) return 0;
    const now = performance.now();
    for (let i = 0; i < count; i++) {
      const at = receiveData + i * slotOctets;
      const length = view.getUint32(receiveHeaders + i * 64 + 56, true);
      const id = (region[at]! << 8) | region[at + 1]!;
      const index = queryOf[id]!;
      if (index === -1) continue; // given up before
      queryOf[id] = -1;
      under--;
      answered++;
      const latency = (now - sentAt[id]!) * 1000;
      if (latency > maxLatency) maxLatency = latency;
      const bucket = bucketOf(latency);
      histogram[bucket] = histogram[bucket]! + 1;
      if (!isRight(at, length, index)) {
        wrong++;
        firstWrong ??= `${Buffer.from(region.subarray(at, at + length)).toString('hex')} for query ${index}`;
      }
    }
    return count;
  }

  function isRight(at: number, length: number, index: number): boolean {
    const from = offsets[index]! + 4;
    if (length < 12 || (region[at + 2]! & 0x80) === 0) return false;
    if ((region[at + 3]! & 15) !== queries[from - 2]) return false;
    const answers = queries[from - 1]!;
    if (answers !== 255 && ((region[at + 6]! << 8) | region[at + 7]!) !== answers) return false;
    for (let i = 12; queries[from + i] !== 0; i++) {
      if (region[at + i] !== queries[from + i]) return false; // case of the query is echoed
    }
    return true;
  }

  const start = performance.now();
  const end = start + seconds * 1000;
  let turn = 0;
  for (let now = start; now < end; now = performance.now()) {
    const fd = fds[turn++ % fds.length]!;
    if (rate !== undefined) {
      const due = Math.floor(((now - start) * rate) / 1000) - sent;
      if (due > 0) send(fd, Math.min(due, batch), now);
    } else if (under < window) send(fd, Math.min(window - under, 32), now);
    for (const each of fds) while (receive(each) === batch);
    if (rate === undefined && under >= window && turn % 4096 === 0) {
      for (let id = 0; id < ids; id++) {
        if (queryOf[id] !== -1 && now - sentAt[id]! > lostAfterMs) {
          queryOf[id] = -1;
          lost++;
          under--;
        }
      }
    }
  }
  const stop = performance.now();
  while (under > 0 && performance.now() < stop + 300) for (const each of fds) receive(each);
  lost += under;
  const quantile = (share: number): number => {
    let left = answered * share;
    for (let bucket = 0; bucket < histogram.length; bucket++) {
      left -= histogram[bucket]!;
      if (left <= 0) return microsecondsOf(bucket);
    }
    return 0;
  };
  return {
    sent,
    answered,
    wrong,
    lost,
    seconds: (stop - start) / 1000,
    latencyMicroseconds: { p50: quantile(0.5), p99: quantile(0.99), max: Math.round(maxLatency) },
    firstWrong,
  };
}
