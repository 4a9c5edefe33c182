/** The thread that writes changes into the texts of zones: a large one takes seconds, which nobody shall wait for. */
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { parseName, root } from '@riad/dns/name';
import { decodeZoneChange } from '@riad/dns-server/zone-history/zone-change';
import { editZoneText } from '@riad/dns-server/zone-loading/edit-zone-text';
import { unpackChanges } from '@riad/name-server/loading/change-messages';
import { writtenFileName } from '@riad/name-server/loading/kept-file-names';
import { type JournalledChange, pendingChange } from '@riad/name-server/loading/pending-change';
import { replaceFile } from '@riad/name-server/loading/replace-file';
import { commitText, type DecodedChange } from './commit-text.ts';
import type { EditReply, EditRequest } from './text-edits.ts';

const port = parentPort!;

port.on('message', (request: EditRequest) => {
  const reply = perform(request);
  port.postMessage(reply);
});

function perform(request: EditRequest): EditReply {
  const { id, zone, file, rootOrigin, text, textFolder, sequence } = request;
  const started = performance.now();
  const apexName = parseName(zone);
  const decoded: DecodedChange[] = [];
  const journalled: JournalledChange[] = [];
  for (const served of unpackChanges(request.changes)) {
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
    reason: { ...commitText(decoded, apexName, zone), sequence },
    changes: journalled.length,
    milliseconds: performance.now() - started,
  };
}
