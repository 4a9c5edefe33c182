/**
 * The thread that owns the zones' image and answers nobody's queries. What a restart needs comes first:
 * the code that reads zone files is loaded when the zones of the snapshot are served already.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { sha1 as makeSha1 } from '@riad/net/ciphers/sha1';
import { ffiMissing } from '@riad/net/ffi/libc';
import { adviseHugePages } from '@riad/net/ffi/memory';
import { NativeStart } from '@riad/net/ffi/native-start';
import { giveWay } from '@riad/net/ffi/process';
import { Arena } from '@riad/octets/arena';
import { LastGoodTexts } from './last-good-texts.ts';
import type { LoaderData, LoaderReply, LoaderRequest } from './loader-messages.ts';
import { servedZones } from './served-zones.ts';
import { readSnapshot } from './snapshot-file.ts';

/** Where processors are few, answers come before loading; a tenth of a processor remains for it. */
const niceness = 10;

const port = parentPort!;
const { buffer, tailOctets, stateDirectory, nativeStart } = workerData as LoaderData;
const say = (reply: LoaderReply): void => port.postMessage(reply);
const arena = new Arena(buffer);
const texts = new LastGoodTexts(stateDirectory);
const capacityOctets = buffer.byteLength - tailOctets;
const digests = texts.damaged ? undefined : texts.digests();
const snapshot = readSnapshot(arena, capacityOctets, stateDirectory, digests);
const damage = texts.damaged ? ['the list of last good texts is damaged'] : [];
const restored = snapshot.kind === 'restored' ? snapshot.image : undefined;
if (restored)
  say({ type: 'ready', zones: servedZones(restored), from: 'snapshot', complaints: damage });
const sha1 = new NativeStart(nativeStart).perform(() => {
  if (ffiMissing() === undefined) {
    // Not before: looking for large pages made reading a snapshot take from 0.4 to 4 times as long.
    adviseHugePages(buffer);
    giveWay(niceness);
  }
  return makeSha1();
});

const { loadTexts, ZoneLoading } = await import('./zone-loading.ts');
const { image, checkpoints } = restored ? { image: restored, checkpoints: new Map() } : load();
const loading = new ZoneLoading(image, stateDirectory, texts, checkpoints, say, sha1);
port.on('message', ({ id, command }: LoaderRequest) => {
  const result = loading.perform(command);
  say({ type: 'result', id, result });
  say({ type: 'memory', usedOctets: image.writer.usedOctets });
});

/** Without a snapshot zones come from their last good texts. */
function load(): ReturnType<typeof loadTexts> {
  const complaints = [...damage];
  if (snapshot.kind === 'unusable') complaints.push(`the snapshot is not used: ${snapshot.reason}`);
  const loaded = loadTexts(Arena.format(arena, tailOctets), texts, complaints, sha1);
  const zones = servedZones(loaded.image);
  say({ type: 'ready', zones, from: zones.length > 0 ? 'texts' : 'nothing', complaints });
  return loaded;
}
