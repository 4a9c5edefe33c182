import { RecordClass } from '@riad/dns/iana/classes';
import { recordToJson } from '@riad/dns/presentation';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { formatZone, sortRecords, type ZoneRecord } from '@riad/dns/zonefile/writer';
import { openZoneFile } from './zone-file.ts';

export async function run(
  file: string,
  options: { origin?: string; json?: boolean },
): Promise<number> {
  const { origin, text, include } = openZoneFile(file, options.origin);
  const records: ZoneRecord[] = [];
  const errors = readZoneFile(
    text,
    { file, origin, include, recordClass: RecordClass.IN },
    {
      record(owner, ownerLength, _same, type, recordClass, ttlSeconds, rdata, start, end) {
        records.push({
          owner: owner.slice(0, ownerLength),
          type,
          recordClass,
          ttlSeconds,
          rdata: rdata.slice(start, end),
        });
      },
    },
  );
  for (const error of errors) process.stderr.write(`${error.format()}\n`);
  if (errors.length > 0) return 1;
  const sorted = sortRecords(records, origin);
  if (options.json) {
    const plain = sorted.map(({ recordClass, ...record }) =>
      recordToJson({ ...record, class: recordClass }),
    );
    process.stdout.write(`${JSON.stringify(plain)}\n`);
  } else {
    for (const line of formatZone(sorted, origin)) process.stdout.write(line);
  }
  return 0;
}
