/**
 * The thread that owns the zones' image and answers nobody's queries. What a restart needs comes first:
 * the code that reads zone files is loaded when the zones of the snapshot are served already.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { root } from '@riad/dns/name';
import { sha1 as makeSha1 } from '@riad/net/ciphers/sha1';
import { writingBeginner } from '@riad/net/ffi/begin-writing';
import { ffiMissing } from '@riad/net/ffi/libc';
import { adviseHugePages } from '@riad/net/ffi/memory';
import { NativeStart } from '@riad/net/ffi/native-start';
import { giveWay, hasShortTurns } from '@riad/net/ffi/process';
import { Arena } from '@riad/octets/arena';
import { type BeginWriting, nodeDisk } from '@riad/store/node-disk';
import type { LoaderData, LoaderReply, LoaderRequest } from './loader-messages.ts';
import { servedZones } from './served-zones.ts';
import { openZoneState } from './zone-state.ts';

/** Where processors are few, answers come before loading; a tenth of a processor remains for it. */
const niceness = 10;
/** Changes of the journal that are told at a time. */
const historyPiece = 1000;

const port = parentPort!;
const {
  buffer,
  tailOctets,
  stateDirectory,
  nativeStart,
  rootOrigin,
  raiseSerial,
  updates: takesUpdates,
} = workerData as LoaderData;
/** Replies that leave together: each message wakes the other thread. */
let gathered: LoaderReply[] | undefined;
/** What a group of updates has done. */
let performed: LoaderReply[] = [];
const say = (reply: LoaderReply): void => {
  if (gathered === undefined) port.postMessage([reply]);
  else gathered.push(reply);
};
const arena = new Arena(buffer);
const capacityOctets = buffer.byteLength - tailOctets;
/** Once there are native calls. */
let beginWriting: BeginWriting | undefined;
const disk = nodeDisk((descriptor, position, lengthOctets) =>
  beginWriting?.(descriptor, position, lengthOctets),
);
const state = openZoneState({ disk, stateDirectory, arena, capacityOctets });
const { snapshot, inStep, complaints } = state;
if (inStep && snapshot.kind === 'restored')
  say({ type: 'ready', zones: servedZones(snapshot.image), from: 'snapshot', complaints });
const sha1 = new NativeStart(nativeStart).perform(() => {
  if (ffiMissing() === undefined) {
    // Not before: looking for large pages made reading a snapshot take from 0.4 to 4 times as long.
    adviseHugePages(buffer);
    // Updates are waited for as well; so this only where workers cannot ask for short turns.
    if (!hasShortTurns()) giveWay(niceness);
    beginWriting = writingBeginner();
  }
  return makeSha1();
});

const { packChanges } = await import('./change-messages.ts');
const { restoreZones } = await import('./zone-restart.ts');
const { ZoneLoading } = await import('./zone-loading.ts');
const originOf = (): Uint8Array | undefined => (rootOrigin ? root : undefined);
const told = complaints.length;
const restored = restoreZones(state, { arena, tailOctets, originOf, sha1 });
const { image } = restored;
if (inStep) {
  for (const text of complaints.slice(told)) say({ type: 'complaint', text });
} else {
  const zones = servedZones(image);
  const from = snapshot.kind === 'restored' ? 'snapshot' : zones.length > 0 ? 'texts' : 'nothing';
  say({ type: 'ready', zones, from, complaints });
}
const loading = new ZoneLoading({
  ...state,
  ...restored,
  rootOrigin,
  raiseSerial,
  say(reply) {
    say(reply);
    if (reply.type === 'changes') say({ type: 'memory', usedOctets: image.writer.usedOctets });
  },
  sha1,
});
const { UpdateThread } = await import('../updating/update-thread.ts');
const updates =
  takesUpdates &&
  new UpdateThread({
    buffer,
    ...takesUpdates,
    image,
    perform(jobs, expected) {
      gathered = [];
      const results = loading.update(jobs, expected);
      performed = gathered;
      gathered = undefined;
      return results;
    },
    // After the answers: it wakes another thread, which may have no core but this one.
    answered() {
      const replies = performed;
      performed = [];
      if (replies.length > 0) port.postMessage(replies);
    },
    say,
  });
tellHistory();
if (updates) (await import('./update-rehearsal.ts')).rehearseUpdates(sha1);

port.on('message', (requests: readonly LoaderRequest[]) => {
  for (const request of requests) take(request);
});

function take(request: LoaderRequest): void {
  if ('updates' in request) {
    updates!.passed(request.updates);
    return;
  }
  const { id, command } = request;
  updates?.perform(); // what came before comes first
  if (command.type === 'access' || command.type === 'freeze') {
    updates?.command(command);
    loading.tell(); // who freezes a zone has to know what it became until then
    say({ type: 'result', id, result: { kind: 'noted' } });
    return;
  }
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

function tellHistory(): void {
  let changes = [];
  for (const change of loading.history()) {
    updates?.found(change);
    changes.push(change);
    if (changes.length < historyPiece) continue;
    say({ type: 'changes', changes: packChanges(changes), news: [] });
    changes = [];
  }
  say({ type: 'changes', changes: packChanges(changes), news: [] });
  // Secondaries are told of every zone at the start: what changed meanwhile may have been missed.
  for (const news of loading.news(historyPiece))
    say({ type: 'changes', changes: packChanges([]), news });
  say({ type: 'caught-up' });
}
