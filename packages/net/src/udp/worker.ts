/**
 * The loop of a worker thread that answers UDP: receive a batch, answer it from one version of the
 * data, send the answers. It gets no events while it loops: a word in shared memory tells it to stop.
 * What to answer comes from a module that the service names.
 */
import { workerData } from 'node:worker_threads';
import { NativeStart } from '../ffi/native-start.ts';
import { takeShortTurns } from '../ffi/process.ts';
import { UdpBatch } from './batch.ts';
import { RequestRing } from './request-ring.ts';
import {
  type BatchAnswerer,
  control,
  type MakeAnswerer,
  progress,
  type UdpWorkerData,
} from './worker-data.ts';

/** Longest time until a worker sees that it shall stop, when no query wakes it. */
const wakeMs = 200;
const maxUdpOctets = 4096;
/** Where processors are few, answers come before loading: a batch is answered in less. */
const turnMicroseconds = 200;
const goOn = control.run;

const data = workerData as UdpWorkerData;
const module = (await import(data.answererUrl)) as { makeAnswerer: MakeAnswerer };
const { answerer, batch } = new NativeStart(data.nativeStart).perform(() => {
  takeShortTurns(turnMicroseconds);
  return {
    answerer: module.makeAnswerer(data.answererData),
    batch: new UdpBatch(data.fd, data.buffer, data.region, data.packetInfo, wakeMs),
  };
});
const words = new Int32Array(data.buffer);
const rings = data.rings.map((region) => new RequestRing(data.buffer, region));
say(progress.ready);
Atomics.wait(words, data.controlWord, control.wait);
run(batch, answerer, words, data.controlWord);
say(progress.ended);

function say(where: number): void {
  Atomics.store(words, data.controlWord + 1, where);
  Atomics.notify(words, data.controlWord + 1);
}

function run(
  batch: UdpBatch,
  answerer: BatchAnswerer,
  words: Int32Array,
  controlWord: number,
): void {
  // A plain load: the system call in between keeps it from being taken out of the loop.
  while (words[controlWord] === goOn) answerBatch(batch, answerer);
  answerer.leave();
}

function answerBatch(batch: UdpBatch, answerer: BatchAnswerer): void {
  const count = batch.receive();
  answerer.enter();
  if (count === 0) return;
  for (let i = 0; i < count; i++) {
    const length = batch.lengthOf(i);
    if (length === 0) continue;
    const answered = answerer.answerUdp(
      batch.queryAt(i),
      length,
      batch.answerAt,
      maxUdpOctets,
      batch.clientAt(i),
      batch.clientOctets(i),
    );
    if (answered > 0) batch.queue(i, answered);
    else if (answered < 0) batch.handOver(i, rings[-1 - answered]!); // see `handOver`
  }
  batch.send();
}
