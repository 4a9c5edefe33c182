/**
 * The thread that owns the zones' image and answers nobody's queries. What a restart needs comes first:
 * the code that reads zone files is loaded when the zones of the snapshot are served already.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { root } from '@riad/dns/name';
import { sha1 as makeSha1 } from '@riad/net/ciphers/sha1';
import { ffiMissing } from '@riad/net/ffi/libc';
import { adviseHugePages } from '@riad/net/ffi/memory';
import { NativeStart } from '@riad/net/ffi/native-start';
import { giveWay, hasShortTurns } from '@riad/net/ffi/process';
import { Arena } from '@riad/octets/arena';
import { KeptTransfers } from './kept-transfers.ts';
import { LastGoodTexts } from './last-good-texts.ts';
import type { LoaderData, LoaderReply, LoaderRequest } from './loader-messages.ts';
import { servedZones } from './served-zones.ts';
import { readSnapshot, removeSnapshot } from './snapshot-file.ts';
import { ZoneJournal } from './zone-journal.ts';
import type { UpdateJob } from './zone-updates.ts';

/** Where processors are few, answers come before loading; a tenth of a processor remains for it. */
const niceness = 10;
/** Changes of the journal that are told at a time. */
const historyPiece = 1000;

const port = parentPort!;
const { buffer, tailOctets, stateDirectory, nativeStart, rootOrigin, raiseSerial } =
  workerData as LoaderData;
/** Replies that leave together: each message wakes the other thread. */
let gathered: LoaderReply[] | undefined;
const say = (reply: LoaderReply): void => {
  if (gathered === undefined) port.postMessage([reply]);
  else gathered.push(reply);
};
const arena = new Arena(buffer);
const texts = new LastGoodTexts(stateDirectory);
const kept = new KeptTransfers(stateDirectory);
const journal = new ZoneJournal(stateDirectory);
const capacityOctets = buffer.byteLength - tailOctets;
const snapshot = readSnapshot(arena, capacityOctets, stateDirectory, (sequence) =>
  journal.goesOnFrom(sequence),
);
const complaints = texts.damaged ? ['the list of last good texts is damaged'] : [];
if (kept.damaged) complaints.push('the list of zones that were transferred is damaged');
const restored = snapshot.kind === 'restored' ? snapshot : undefined;
// Nothing may be served that is older than what was served before.
const inStep =
  restored !== undefined &&
  journal.lastSequence === restored.sequence &&
  !texts.isAheadOf(journal.lastSequence) &&
  !kept.isAheadOf(journal.lastSequence);
if (inStep)
  say({ type: 'ready', zones: servedZones(restored.image), from: 'snapshot', complaints });
const sha1 = new NativeStart(nativeStart).perform(() => {
  if (ffiMissing() === undefined) {
    // Not before: looking for large pages made reading a snapshot take from 0.4 to 4 times as long.
    adviseHugePages(buffer);
    // Updates are waited for as well; so this only where workers cannot ask for short turns.
    if (!hasShortTurns()) giveWay(niceness);
  }
  return makeSha1();
});

const { loadKept, replayJournal, settleKept } = await import('./zone-restart.ts');
const { ZoneLoading } = await import('./zone-loading.ts');
const originOf = (): Uint8Array | undefined => (rootOrigin ? root : undefined);
if (snapshot.kind === 'unusable') {
  complaints.push(`the snapshot is not used: ${snapshot.reason}`);
  removeSnapshot(stateDirectory);
}
settleKept(texts, journal);
settleKept(kept, journal);
const { image, checkpoints } =
  restored === undefined
    ? loadKept(Arena.format(arena, tailOctets), texts, kept, originOf, complaints, sha1)
    : { image: restored.image, checkpoints: new Map() };
const behind = new Map<string, number>();
const replay = { image, journal, texts, kept, behind, originOf, checkpoints, complaints, sha1 };
const changedAt = replayJournal(replay, restored?.sequence);
if (!inStep) {
  const zones = servedZones(image);
  const from = restored !== undefined ? 'snapshot' : zones.length > 0 ? 'texts' : 'nothing';
  say({ type: 'ready', zones, from, complaints });
}
const loading = new ZoneLoading({
  image,
  stateDirectory,
  texts,
  kept,
  behind,
  journal,
  checkpoints,
  changedAt,
  rootOrigin,
  raiseSerial,
  say,
  sha1,
});
tellHistory();

/** Updates that have arrived and are not performed yet: one write to the journal is for all of them. */
let updates: { readonly id: number; readonly job: UpdateJob }[] = [];

port.on('message', (requests: readonly LoaderRequest[]) => {
  for (const request of requests) take(request);
});

function take({ id, command }: LoaderRequest): void {
  if (command.type === 'update') {
    if (updates.length === 0) setImmediate(performUpdates);
    updates.push({ id, job: command });
    return;
  }
  performUpdates(); // what came before comes first
  const result =
    command.type === 'transfer-begin' ||
    command.type === 'transfer-messages' ||
    command.type === 'transfer-end'
      ? loading.transfer(command)
      : loading.perform(command);
  loading.tell(); // who asked may ask for what follows from it
  say({ type: 'result', id, result });
  say({ type: 'memory', usedOctets: image.writer.usedOctets });
}

function performUpdates(): void {
  if (updates.length === 0) return;
  const group = updates;
  updates = [];
  gathered = [];
  const results = loading.update(group.map(({ job }) => job));
  for (const [i, { id }] of group.entries()) say({ type: 'result', id, result: results[i]! });
  say({ type: 'memory', usedOctets: image.writer.usedOctets });
  const replies = gathered;
  gathered = undefined;
  port.postMessage(replies);
}

function tellHistory(): void {
  let changes = [];
  for (const change of loading.history()) {
    changes.push(change);
    if (changes.length < historyPiece) continue;
    say({ type: 'changes', changes, news: [] });
    changes = [];
  }
  say({ type: 'changes', changes, news: [] });
  // Secondaries are told of every zone at the start: what changed meanwhile may have been missed.
  for (const news of loading.news(historyPiece)) say({ type: 'changes', changes: [], news });
  say({ type: 'caught-up' });
}
