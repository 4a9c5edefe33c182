/** What stands at the end of the shared region, behind the zones: nothing of it outlives the process. */
import type { AnswerPlaces } from '@riad/dns-server/answer/answer-options';
import { counterWords } from '@riad/dns-server/answer/counters';
import { QueryState } from '@riad/dns-server/answer/query-state';
import { rateTableOctets } from '@riad/dns-server/answer/rate-limit';
import { UdpBatch } from '@riad/net/udp/batch';
import { RequestRing } from '@riad/net/udp/request-ring';
import { UpdateCounts } from '../updating/update-counts.ts';

/** A message has at most 65,535 octets (RFC 1035 §4.2.2); for queries and answers of streams. */
const messageOctets = 65536;
const controlOctets = 64;
const countersOctets: number = Math.ceil((counterWords * 4) / 64) * 64;

export type WorkerPlaces = {
  readonly answer: AnswerPlaces;
  /** Octet of UdpBatch.regionOctets. */
  readonly batch: number;
  /** Octet of RequestRing.regionOctets: what the main thread answers. */
  readonly ring: number;
  /** The same for what the thread that owns the zones answers. */
  readonly updateRing: number;
  /** Word of the control word. */
  readonly control: number;
};

export type TailLayout = {
  readonly tailOctets: number;
  /** Word that holds the wall clock in seconds. */
  readonly clock: number;
  /** Octet of UpdateCounts.regionOctets. */
  readonly updateCounts: number;
  readonly workers: readonly WorkerPlaces[];
  /** The main thread's own: it answers over streams, and datagrams where there are no native calls. */
  readonly main: AnswerPlaces & {
    readonly query: number;
    readonly out: number;
    readonly client: number;
  };
};

/** `regionOctets`: size of the whole region; a multiple of 64. */
export function layOutTail(regionOctets: number, workers: number): TailLayout {
  let at = regionOctets;
  const take = (octets: number): number => {
    at -= Math.ceil(octets / 64) * 64;
    return at;
  };
  const clock = take(64) / 4;
  const rates = take(rateTableOctets) / 4;
  const updateCounts = take(UpdateCounts.regionOctets);
  const places = (): AnswerPlaces => ({
    scratch: take(QueryState.scratchOctets),
    counters: take(countersOctets) / 4,
    clock,
    rates,
  });
  const main = {
    ...places(),
    query: take(messageOctets),
    out: take(messageOctets),
    client: take(64),
  };
  const each = Array.from({ length: workers }, () => ({
    answer: places(),
    batch: take(UdpBatch.regionOctets),
    ring: take(RequestRing.regionOctets),
    updateRing: take(RequestRing.regionOctets),
    control: take(controlOctets) / 4,
  }));
  return { tailOctets: regionOctets - at, clock, updateCounts, workers: each, main };
}
