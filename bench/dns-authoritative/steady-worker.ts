/**
 * What answers in the steady-state measurement: the service's own answerer, which after a warm-up
 * counts the collections of its thread until enough queries were answered.
 */
import { writeSync } from 'node:fs';
import { GCProfiler } from 'node:v8';
import { makeAnswerer as makeServiceAnswerer } from '@riad/name-server/answering/answer-worker';
import type { BatchAnswerer, MakeAnswerer } from '@riad/net/udp/worker-data';

export type SteadyData = {
  readonly service: unknown;
  readonly warmUp: number;
  readonly count: number;
};

/** Lines on standard output between which everything the engine tells counts. */
export const marks = { begin: '=== steady: begin', end: '=== steady: end' } as const;

export const makeAnswerer: MakeAnswerer = (data) => {
  const { service, warmUp, count } = data as SteadyData;
  const answerer: BatchAnswerer = makeServiceAnswerer(service);
  const profiler = new GCProfiler();
  let left = warmUp;
  let warm = false;
  return {
    enter: () => answerer.enter(),
    leave: () => answerer.leave(),
    answerUdp(query, length, out, room, client, clientOctets) {
      if (--left === 0) mark();
      return answerer.answerUdp(query, length, out, room, client, clientOctets);
    },
  };
  function mark(): void {
    if (warm) {
      writeSync(1, `${marks.end} ${profiler.stop().statistics.length}\n`);
      left = -1;
      return;
    }
    warm = true;
    left = count;
    writeSync(1, `${marks.begin}\n`);
    profiler.start();
  }
};
