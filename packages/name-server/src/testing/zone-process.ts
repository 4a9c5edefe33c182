/**
 * What the loader thread is between two restarts, without the thread: a state folder on a disk of the
 * test's own, zone files in memory, and the commands that the thread takes.
 */
import { parseName } from '@riad/dns/name';
import { linesOf, sha1 } from '@riad/dns-server/testing/built-zone';
import { Arena } from '@riad/octets/arena';
import type { Disk } from '@riad/store/disk';
import type { LoaderReply, ZoneResult } from '../loading/loader-messages.ts';
import { ZoneLoading } from '../loading/zone-loading.ts';
import { restoreZones } from '../loading/zone-restart.ts';
import { openZoneState, type ZoneState, type ZoneStatePlaces } from '../loading/zone-state.ts';

export const stateDirectory = 'state';
const imageOctets = 1 << 20;

export type ZoneProcessOptions = {
  readonly disk: Disk;
  /** Path → contents. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly journal?: ZoneStatePlaces['journal'];
  readonly raiseSerial?: boolean;
};

export class ZoneProcess {
  readonly state: ZoneState;
  readonly loading: ZoneLoading;
  readonly replies: LoaderReply[] = [];

  constructor({ disk, files, journal = {}, raiseSerial = true }: ZoneProcessOptions) {
    const arena = Arena.reserve(imageOctets);
    disk.makeFolder(stateDirectory);
    this.state = openZoneState({
      disk,
      stateDirectory,
      arena,
      capacityOctets: arena.buffer.byteLength,
      journal: { segmentOctets: 8192, ...journal },
    });
    const originOf = (): undefined => undefined;
    const restored = restoreZones(this.state, { arena, tailOctets: 0, originOf, sha1 });
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

  /** What is served of a zone, one record a line, sorted; none when it is not served. */
  lines(zone: string): string[] {
    const apexName = parseName(zone);
    return this.loading.image.zoneOf(apexName) === 0 ? [] : linesOf(this.loading.image, apexName);
  }

  stop(): void {
    this.loading.stop();
  }
}
