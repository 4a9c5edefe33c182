/**
 * What the loader thread is between two restarts, without the thread: a state folder on a disk of the
 * test's own, zone files in memory, and the commands that the thread takes.
 */
import { crc32 } from 'node:zlib';
import type { ResourceRecord } from '@riad/dns/message';
import { parseName } from '@riad/dns/name';
import { linesOf, sha1 } from '@riad/dns-server/testing/built-zone';
import { decodeZoneChange } from '@riad/dns-server/zone-history/zone-change';
import { editZoneText } from '@riad/dns-server/zone-loading/edit-zone-text';
import { Arena } from '@riad/octets/arena';
import type { Disk } from '@riad/store/disk';
import { unpackChanges } from '../loading/change-messages.ts';
import { writtenFileName } from '../loading/kept-file-names.ts';
import type {
  LoaderReply,
  ServedChange,
  UpdateResult,
  ZoneResult,
} from '../loading/loader-messages.ts';
import { type JournalledChange, pendingChange } from '../loading/pending-change.ts';
import { replaceFile } from '../loading/replace-file.ts';
import { servedZone } from '../loading/served-zones.ts';
import { ZoneLoading } from '../loading/zone-loading.ts';
import { restoreZones } from '../loading/zone-restart.ts';
import { openZoneState, type ZoneState, type ZoneStatePlaces } from '../loading/zone-state.ts';

export const stateDirectory = 'state';
const imageOctets = 1 << 20;

export type ZoneProcessOptions = {
  readonly disk: Disk;
  /** Path → contents. */
  readonly files: Map<string, Uint8Array>;
  readonly journal?: ZoneStatePlaces['journal'];
  readonly raiseSerial?: boolean;
};

export type Update = {
  readonly zone: string;
  /** Of the update section (RFC 2136 §2.5). */
  readonly records: readonly ResourceRecord[];
};

export class ZoneProcess {
  readonly #files: Map<string, Uint8Array>;
  readonly state: ZoneState;
  readonly loading: ZoneLoading;
  readonly replies: LoaderReply[] = [];

  constructor({ disk, files, journal = {}, raiseSerial = true }: ZoneProcessOptions) {
    this.#files = files;
    const arena = Arena.reserve(imageOctets);
    disk.makeFolder(stateDirectory);
    const opened = openZoneState({
      disk,
      stateDirectory,
      arena,
      capacityOctets: arena.buffer.byteLength,
      journal: { segmentOctets: 4096, ...journal },
    });
    const originOf = (): undefined => undefined;
    const restored = restoreZones(opened, { arena, tailOctets: 0, originOf, sha1 });
    this.state = { ...opened, journal: restored.journal };
    this.loading = new ZoneLoading({
      ...this.state,
      ...restored,
      rootOrigin: false,
      raiseSerial,
      say: (reply) => void this.replies.push(reply),
      sha1,
      readZoneFile: (path) => {
        const octets = files.get(path);
        if (octets === undefined) throw Object.assign(new Error(path), { syscall: 'open' });
        return octets.slice();
      },
    });
  }

  load(zone: string, path: string = zone): ZoneResult {
    return this.loading.perform({ type: 'load', zone, path, confirmed: true });
  }

  /** The records, added or taken away, of a number of updates that arrive together. */
  update(updates: readonly Update[]): UpdateResult[] {
    return this.loading.update(
      updates.map(({ zone, records }) => ({
        zone,
        apexName: parseName(zone),
        prerequisites: [],
        updates: records,
        author: { key: '', address: '192.0.2.9', timeSeconds: 1 },
        request: undefined,
      })),
    );
  }

  /** As the service does it: the text to the state folder, then to the zone's file, then the news of it. */
  writeBack(zone: string): 'written' | 'nothing' | 'edited meanwhile' {
    const { disk, texts } = this.state;
    const pending = this.loading.perform({ type: 'pending', zone });
    if (pending.kind !== 'pending' || pending.changes.length === 0) return 'nothing';
    const { changes, sequence, regular, text: kept } = pending;
    const present = this.#files.get(zone);
    if (present?.length !== kept.octets || crc32(present) !== kept.crc32) return 'edited meanwhile';
    const { removals, additions, soa } = pendingChange(unpackChanges(changes).map(journalled));
    const all = soa === undefined ? additions : [...additions, soa];
    const edit = editZoneText(present, zone, parseName(zone), { removals, additions: all });
    if (!edit.ok) throw new Error(edit.sentence);
    const checksum = crc32(edit.text);
    const file = writtenFileName(zone, sequence, checksum);
    replaceFile(`${texts.folder}/${file}`, [edit.text], disk);
    this.#files.set(zone, edit.text);
    const text = { file, octets: edit.text.length, crc32: checksum, regular, sequence };
    this.loading.perform({ type: 'written', zone, text });
    return 'written';
  }

  /** What is served of a zone, one record a line, sorted; none when it is not served. */
  lines(zone: string): string[] {
    return linesOf(this.loading.image, parseName(zone));
  }

  serial(zone: string): number | undefined {
    const { image } = this.loading;
    const found = image.zoneOf(parseName(zone));
    return found === 0 ? undefined : servedZone(image, found).serial;
  }

  stop(): void {
    this.loading.stop();
  }
}

function journalled({ kind, change: octets }: ServedChange): JournalledChange {
  if (octets === undefined) return { kind: 'whole' };
  const change = decodeZoneChange(octets);
  if (!change.ok) throw change.error;
  return { kind, change: change.value };
}
