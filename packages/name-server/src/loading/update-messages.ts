/**
 * Groups of updates on their way between the main thread and the loader: many in one piece. Each object
 * and each array of octets that a message is made of costs more than what an update has in it.
 */
import { Reader } from '@riad/octets/reader';
import { decodeUtf8, encodeUtf8 } from '@riad/octets/utf8';
import { Writer } from '@riad/octets/writer';
import { readActedUpon, readAuthor, writeActedUpon, writeAuthor } from './journal-record-head.ts';
import type { UpdateResult } from './loader-messages.ts';
import type { UpdateJob } from './zone-updates.ts';

export type NumberedJob = { readonly id: number; readonly job: UpdateJob };

/** What a group may have in octets to be packed without growing; grows for more. */
const usualOctets = 4096;

/** In a buffer of its own, which may be transferred. */
export function packUpdates(jobs: readonly NumberedJob[]): Uint8Array<ArrayBuffer> {
  const writer = new Writer(usualOctets);
  for (const { id, job } of jobs) {
    writer.uint48(id); // 32 bits are used up within days
    writer.uint8(job.byNames ? 1 : 0);
    const zone = encodeUtf8(job.zone);
    writer.uint16(zone.length);
    writer.octets(zone);
    writeAuthor(writer, job.author);
    writeActedUpon(writer, job.request);
    writer.uint16(job.message.length);
    writer.octets(job.message);
  }
  return writer.view() as Uint8Array<ArrayBuffer>;
}

/** Messages and MACs are views. */
export function unpackUpdates(octets: Uint8Array): NumberedJob[] {
  const reader = new Reader(octets);
  const jobs: NumberedJob[] = [];
  while (reader.remaining > 0) {
    const id = reader.uint48('id');
    const byNames = reader.uint8('how it is found') === 1;
    const zone = decodeUtf8(reader.octets(reader.uint16('zone'), 'zone'));
    const author = readAuthor(reader);
    const request = readActedUpon(reader);
    const message = reader.octets(reader.uint16('message'), 'message');
    jobs.push({ id, job: { zone, byNames, message, author, request } });
  }
  return jobs;
}

/** For each update its id, RCODE, and serial or -1; and what else there is to say of some. */
export type PackedResults = {
  readonly numbers: readonly number[];
  readonly others: readonly { readonly id: number; readonly result: UpdateResult }[];
};

export function packResults(
  jobs: readonly NumberedJob[],
  results: readonly UpdateResult[],
): PackedResults {
  const numbers: number[] = [];
  const others: { id: number; result: UpdateResult }[] = [];
  for (const [i, result] of results.entries()) {
    const { id } = jobs[i]!;
    if (result.sentence !== undefined || result.extendedError !== undefined)
      others.push({ id, result });
    else numbers.push(id, result.rcode, result.serial ?? -1);
  }
  return { numbers, others };
}

export function unpackResults(
  { numbers, others }: PackedResults,
  take: (id: number, result: UpdateResult) => void,
): void {
  for (let i = 0; i < numbers.length; i += 3) {
    const serial = numbers[i + 2]!;
    take(numbers[i]!, {
      kind: 'updated',
      rcode: numbers[i + 1]!,
      serial: serial < 0 ? undefined : serial,
    });
  }
  for (const { id, result } of others) take(id, result);
}
