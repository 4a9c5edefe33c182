/**
 * All that updates need on the thread that owns the zones: the keys and rules in force, what was acted upon
 * before, where they come in. Nothing is taken before the rules are known.
 */
import { KeyRing } from '@riad/dns-server/access/key-ring';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { threadHmac } from '@riad/net/ciphers/hmac';
import type { UnixSeconds } from '@riad/octets/engine';
import { limitedLog } from '@riad/runtime/logging/limited-log';
import type { Entry } from '@riad/store/journal';
import { AccessControl } from '../control/access-control.ts';
import { readJournalRecordHead } from '../loading/journal-record-head.ts';
import type { LoaderData, LoaderReply, UpdateCommand } from '../loading/loader-messages.ts';
import { openRequest } from '../request-opening.ts';
import { HostedZones } from './hosted-zones.ts';
import { threadLog } from './thread-log.ts';
import { type EarlierUpdate, UpdateAnswering } from './update-answering.ts';
import { UpdateCounts } from './update-counts.ts';
import { UpdateTaking, type UpdateTakingParts } from './update-taking.ts';

export type UpdateThreadParts = NonNullable<LoaderData['updates']> & {
  readonly buffer: SharedArrayBuffer;
  readonly image: ZoneImage;
  readonly perform: UpdateTakingParts['perform'];
  readonly answered: UpdateTakingParts['answered'];
  readonly say: (reply: LoaderReply) => void;
};

const now = (): UnixSeconds => Math.floor(Date.now() / 1000) as UnixSeconds;

export class UpdateThread {
  readonly #access: AccessControl;
  readonly #answering: UpdateAnswering;
  readonly #taking: UpdateTaking;
  readonly #frozen = new Map<string, string>();
  /** Until the keys are known. */
  #earlier: EarlierUpdate[] | undefined = [];

  constructor(parts: UpdateThreadParts) {
    const { buffer, image, sources, counts: region, perform, answered, say } = parts;
    const log = threadLog((line) => say({ type: 'log', line }));
    const hostile = limitedLog(log); // for what strangers can cause
    const access = new AccessControl(hostile);
    const counts = new UpdateCounts(buffer, region);
    this.#access = access;
    this.#answering = new UpdateAnswering({
      zones: new HostedZones(image),
      access,
      frozenBecause: (zone) => this.#frozen.get(zone),
      answered: (rcode) => counts.add(rcode),
      log,
    });
    const opening = { keys: () => access.ring.lookup, hmac: threadHmac(), now, log: hostile };
    this.#taking = new UpdateTaking({
      buffer,
      sources,
      open: (octets, from) => openRequest(octets, from, opening),
      answering: this.#answering,
      perform,
      answered,
      reply: (replies) => say({ type: 'updated', replies }),
      log,
    });
  }

  /** A record of the journal, from before this run. */
  found({ payload }: Entry): void {
    const { kind, author, request } = readJournalRecordHead(payload);
    if (kind !== 'update' || request === undefined) return;
    if (request.timeSigned + request.fudgeSeconds < now()) return;
    this.#earlier?.push({ key: author.key, request: { ...request, mac: request.mac.slice() } });
  }

  command(command: UpdateCommand): void {
    if (command.type === 'freeze') {
      if (command.because === undefined) this.#frozen.delete(command.zone);
      else this.#frozen.set(command.zone, command.because);
      return;
    }
    this.#access.replace(new KeyRing(command.keys), command.rules);
    if (this.#earlier === undefined) return;
    this.#answering.remember(this.#earlier, now());
    this.#earlier = undefined;
    this.#taking.begin();
  }

  /** Updates from the main thread, as `packUpdates` makes them; performed with what else has come. */
  passed(packed: Uint8Array): void {
    this.#taking.passed(packed);
    setImmediate(() => this.#taking.perform());
  }

  perform(): void {
    this.#taking.perform();
  }
}
