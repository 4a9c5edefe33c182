/**
 * The thread that owns the zones' image: it reads zone files, commits them, keeps the last good text of
 * each zone and a snapshot of the whole, and answers nobody's queries.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { formatName, parseName } from '@riad/dns/name';
import { node, zoneFlag, zoneVersion } from '@riad/dns-server/zone-image/layout';
import { commitChanges } from '@riad/dns-server/zone-image/zone-commit';
import { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { loadZone } from '@riad/dns-server/zone-loading/load-zone';
import { printZone } from '@riad/dns-server/zone-loading/print-zone';
import type { ZoneText } from '@riad/dns-server/zone-loading/zone-text';
import { sha1 as makeSha1 } from '@riad/net/ciphers/sha1';
import { Arena } from '@riad/octets/arena';
import { LastGoodTexts } from './last-good-texts.ts';
import type {
  LoaderData,
  LoaderReply,
  LoaderRequest,
  ServedZone,
  ZoneCommand,
  ZoneResult,
} from './loader-messages.ts';
import { readSnapshot, writeSnapshot } from './snapshot-file.ts';

/** A snapshot is written when nothing has changed for so long … */
const snapshotQuietMs = 2000;
/** … and so often at most. */
const snapshotEveryMs = 30_000;
/** What waits for readers to let go is looked at again after so long. */
const reclaimMs = 250;
/** Larger files are refused: their zone would not fit into memory anyway. */
const maxZoneFileOctets = 2 ** 31 - 1;
/** The most an included file may have. */
const maxIncludedOctets = 256 << 20;

const port = parentPort!;
const { buffer, tailOctets, stateDirectory } = workerData as LoaderData;
const sha1 = makeSha1();
const arena = new Arena(buffer);
const texts = new LastGoodTexts(stateDirectory);
/** Places in the text of each zone from which reading can go on; the texts themselves are on disk. */
const states = new Map<string, ZoneText['checkpoints']>();
let snapshotTimer: NodeJS.Timeout | undefined;
let lastSnapshot = Number.NEGATIVE_INFINITY;

const image = start();
port.on('message', (request: LoaderRequest) => {
  if (request.command.type === 'stop') {
    clearTimeout(snapshotTimer);
    port.close();
    return;
  }
  const result = perform(request.command);
  say({ type: 'result', id: request.id, result });
  say({ type: 'memory', usedOctets: image.writer.usedOctets });
});

function say(reply: LoaderReply): void {
  port.postMessage(reply);
}

/** The last state: from the snapshot where it fits, else from the last good texts. */
function start(): ZoneImage {
  const complaints: string[] = [];
  const restored = readSnapshot(
    arena,
    buffer.byteLength - tailOctets,
    stateDirectory,
    texts.digests(),
  );
  if (restored.kind === 'restored') {
    say({ type: 'ready', zones: zonesOf(restored.image), from: 'snapshot', complaints });
    return restored.image;
  }
  if (restored.kind === 'unusable') complaints.push(`the snapshot is not used: ${restored.reason}`);
  const seed = new Int32Array(1);
  crypto.getRandomValues(seed);
  const fresh = ZoneImage.create(Arena.format(arena, tailOctets), seed[0]!);
  for (const { zone, text } of texts.readAll(complaints)) {
    const outcome = loadZone(
      fresh,
      {
        apexName: parseName(zone),
        text,
        file: zone,
        before: undefined,
        include: () => undefined,
        confirmed: true,
      },
      sha1,
    );
    if (outcome.kind === 'loaded') states.set(zone, outcome.text.checkpoints);
    else complaints.push(`the last good text of ${zone} cannot be loaded`);
  }
  say({
    type: 'ready',
    zones: zonesOf(fresh),
    from: states.size > 0 ? 'texts' : 'nothing',
    complaints,
  });
  if (states.size > 0) scheduleSnapshot();
  return fresh;
}

function perform(command: ZoneCommand): ZoneResult {
  try {
    if (command.type === 'load') return load(command.zone, command.path, command.confirmed);
    if (command.type === 'remove') return remove(command.zone);
    if (command.type === 'change') return change(command);
    throw new TypeError(`unknown command ${command.type}`);
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'internal';
    if (code !== 'arena.full' && !isFileError(error)) throw error;
    const file = command.type === 'load' ? command.path : '';
    return {
      kind: 'refused',
      faults: [{ code, file, line: 0, column: 0, message: (error as Error).message }],
    };
  }
}

function isFileError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

function load(zone: string, path: string, confirmed: boolean): ZoneResult {
  const started = performance.now();
  const text = readFileSync(path);
  const fault = (code: string, message: string): ZoneResult => ({
    kind: 'refused',
    faults: [{ code, file: path, line: 0, column: 0, message }],
  });
  if (text.length === 0) return fault('zone.empty-file', 'the file is empty');
  if (text.length > maxZoneFileOctets) return fault('zone.file-too-large', 'the file is too large');
  const apexName = parseName(zone);
  const before = rememberedText(zone);
  const outcome = loadZone(
    image,
    {
      apexName,
      text,
      file: path,
      before,
      include: (name) => readIncluded(dirname(path), name),
      confirmed,
    },
    sha1,
  );
  if (outcome.kind === 'refused') return { kind: 'refused', faults: outcome.faults };
  if (outcome.kind === 'held') return { kind: 'held', ...outcome.loss };
  const served = servedZone(image, image.zoneOf(apexName));
  if (outcome.kind === 'unchanged') return { kind: 'unchanged', zone: served };
  texts.keep(
    zone,
    outcome.text.includes
      ? { octets: printZone(image, apexName), regular: true }
      : { octets: text, regular: outcome.text.regular },
  );
  // The text itself is on disk; only its states are worth their memory.
  release(text);
  if (before !== undefined) release(before.octets);
  states.set(zone, outcome.text.checkpoints);
  scheduleSnapshot();
  scheduleReclaim();
  return {
    kind: 'served',
    how: outcome.how,
    zone: served,
    milliseconds: Math.round((performance.now() - started) * 10) / 10,
    warnings: outcome.warnings,
  };
}

/** Gives the memory of a large text back at once, without waiting for a collection. */
function release(octets: Uint8Array): void {
  const { buffer: own } = octets;
  if (
    own instanceof ArrayBuffer &&
    own.byteLength === octets.byteLength &&
    own.byteLength > 1 << 20
  )
    own.transfer(0);
}

/** The text on disk that a zone was last loaded from, if all its records stand for themselves. */
function rememberedText(zone: string): ZoneText | undefined {
  const octets = texts.read(zone);
  return octets === undefined
    ? undefined
    : {
        octets,
        checkpoints: states.get(zone) ?? [],
        regular: texts.isRegular(zone),
        includes: false,
      };
}

/** Only files in subfolders of the zones' folder can be included; those are never zones. */
function readIncluded(folder: string, name: string): Uint8Array | undefined {
  const path = resolve(folder, name);
  if (!path.startsWith(folder + sep) || dirname(path) === folder || !existsSync(path))
    return undefined;
  const octets = readFileSync(path);
  return octets.length > maxIncludedOctets ? undefined : octets;
}

function remove(zone: string): ZoneResult {
  states.delete(zone);
  const removed = image.remove(parseName(zone));
  texts.forget(zone);
  scheduleSnapshot();
  scheduleReclaim();
  return { kind: removed ? 'removed' : 'not-hosted' };
}

function change(command: Extract<ZoneCommand, { type: 'change' }>): ZoneResult {
  const apexName = parseName(command.zone);
  const started = performance.now();
  const outcome = commitChanges(image, apexName, command.removals, command.additions, sha1);
  if (!outcome.ok) {
    return {
      kind: 'refused',
      faults: [{ code: outcome.code, file: '', line: 0, column: 0, message: outcome.message }],
    };
  }
  states.delete(command.zone);
  scheduleReclaim();
  const zone = servedZone(image, image.zoneOf(apexName));
  return {
    kind: 'served',
    how: 'edited',
    zone,
    milliseconds: performance.now() - started,
    warnings: [],
  };
}

function zonesOf(from: ZoneImage): ServedZone[] {
  const zones: ServedZone[] = [];
  from.forEachZone((zone) => zones.push(servedZone(from, zone)));
  return zones;
}

function servedZone(from: ZoneImage, zone: number): ServedZone {
  const { words, octets } = from.writer;
  const word = zone * 2;
  const apex = words[word + zoneVersion.apex]!;
  const at = apex * 8 + node.nameOctet;
  const flags = words[word + zoneVersion.flags]!;
  return {
    name: formatName(octets.slice(at, at + (words[apex * 2 + node.info]! & 0xff))),
    serial: words[word + zoneVersion.serial]! >>> 0,
    records: words[word + zoneVersion.records]!,
    names: words[word + zoneVersion.nodes]!,
    signed:
      (flags & zoneFlag.nsec3) !== 0 ? 'nsec3' : (flags & zoneFlag.nsec) !== 0 ? 'nsec' : 'no',
  };
}

function scheduleSnapshot(): void {
  clearTimeout(snapshotTimer);
  const due = Math.max(snapshotQuietMs, lastSnapshot + snapshotEveryMs - performance.now());
  snapshotTimer = setTimeout(saveSnapshot, due);
}

function saveSnapshot(): void {
  try {
    if (!writeSnapshot(image, stateDirectory, texts.digests())) {
      scheduleSnapshot(); // a reader still holds what a commit replaced
      return;
    }
    lastSnapshot = performance.now();
  } catch (error) {
    say({ type: 'complaint', text: `the snapshot cannot be written: ${(error as Error).message}` });
  }
}

let reclaiming = false;
function scheduleReclaim(): void {
  if (reclaiming) return;
  reclaiming = true;
  setTimeout(() => {
    reclaiming = false;
    if (!image.reclaim()) scheduleReclaim();
  }, reclaimMs);
}
