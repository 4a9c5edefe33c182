/** The thread that writes changes into the texts of zones: a large one takes seconds, which nobody shall wait for. */
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { type Name, parseName, root } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { formatRelativeName } from '@riad/dns/zonefile/writer';
import { decodeZoneChange, type ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import type { ZoneRecord } from '@riad/dns-server/zone-image/zone-commit';
import { editZoneText } from '@riad/dns-server/zone-loading/edit-zone-text';
import { writtenFileName } from '@riad/name-server/loading/kept-file-names';
import type { ServedChange } from '@riad/name-server/loading/loader-messages';
import { type JournalledChange, pendingChange } from '@riad/name-server/loading/pending-change';
import { replaceFile } from '@riad/name-server/loading/replace-file';
import type { EditReply, EditRequest } from './text-edits.ts';

/** Records of changes that a commit lists; more would not be read. */
export const maxListedRecords = 200;

type Decoded = { readonly served: ServedChange; readonly change: ZoneChange };

const port = parentPort!;

port.on('message', (request: EditRequest) => {
  const reply = perform(request);
  port.postMessage(reply);
});

function perform(request: EditRequest): EditReply {
  const { id, zone, file, rootOrigin, text, textFolder, sequence } = request;
  const started = performance.now();
  const apexName = parseName(zone);
  const decoded: Decoded[] = [];
  const journalled: JournalledChange[] = [];
  for (const served of request.changes) {
    if (served.change === undefined) {
      journalled.push({ kind: 'whole' }); // the only kind without a change that is waited for
      continue;
    }
    const change = decodeZoneChange(served.change);
    if (!change.ok) continue;
    decoded.push({ served, change: change.value });
    journalled.push({ kind: served.kind, change: change.value });
  }
  const { removals, additions, soa } = pendingChange(journalled);
  const edit = editZoneText(text, file, rootOrigin ? root : apexName, {
    removals,
    additions: soa === undefined ? additions : [...additions, soa],
  });
  if (!edit.ok) return { id, ok: false, sentence: edit.sentence };
  const checksum = crc32(edit.text);
  const name = writtenFileName(zone, sequence, checksum);
  try {
    replaceFile(join(textFolder, name), [edit.text]);
  } catch (error) {
    return { id, ok: false, sentence: (error as Error).message };
  }
  return {
    id,
    ok: true,
    text: edit.text,
    file: name,
    crc32: checksum,
    lines: linesOf(decoded, apexName),
    milliseconds: performance.now() - started,
  };
}

/** Who changed what when, as people read it. */
function linesOf(changes: readonly Decoded[], apexName: Name): string[] {
  const lines: string[] = [];
  let records = 0;
  for (const { served, change } of changes) {
    const { kind, author } = served;
    const serials = `serial ${change.fromSerial} to ${change.toSerial}`;
    if (kind === 'edit') {
      lines.push(`${serials}, raised after an edit`);
      continue;
    }
    const time = new Date(author.timeSeconds * 1000).toISOString();
    const who = author.key === '' ? 'without a key' : `with ${author.key}`;
    lines.push(`changed by ${author.address} ${who} at ${time}, ${serials}`);
    for (const [sign, list] of [
      ['-', change.removals],
      ['+', change.additions],
    ] as const) {
      for (const record of list.slice(1)) {
        if (records++ < maxListedRecords) lines.push(`${sign} ${recordText(record, apexName)}`);
      }
    }
  }
  if (records > maxListedRecords) lines.push(`… and ${records - maxListedRecords} more`);
  return lines;
}

function recordText({ owner, type, ttlSeconds, rdata }: ZoneRecord, apexName: Name): string {
  const format = recordTypeOf(type);
  return `${formatRelativeName(owner, apexName)} ${ttlSeconds} ${format.mnemonic} ${format.format(rdata)}`;
}
