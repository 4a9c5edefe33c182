/** Transfers taken in, kept, and brought back after a restart, on a disk of the test's own. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { signRequest } from '@riad/dns/tsig/sign';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { transferQuery } from '@riad/dns-server/secondary/primary-messages';
import { linesOf, recordsOf, sha1, sortedLines } from '@riad/dns-server/testing/built-zone';
import { messageSigner } from '@riad/dns-server/transfer/stream-signature';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { hmac } from '@riad/net/ciphers/hmac';
import { Arena } from '@riad/octets/arena';
import type { UnixSeconds } from '@riad/octets/engine';
import { nodeDisk } from '@riad/store/node-disk';
import type { KeptTransfers } from './kept-transfers.ts';
import { type TransferOutcome, type TransferResult, ZoneCopies } from './zone-copies.ts';
import type { JournalEntry, ZoneJournal } from './zone-journal.ts';
import { restoreZones } from './zone-restart.ts';
import { openZoneState } from './zone-state.ts';

const zoneName = 'zone.example.';
const zone = parseName(zoneName);
const id = 4711;
const wallSeconds = 1_800_000_000 as UnixSeconds;
const soa = (serial: number): string => `@ 60 SOA ns h ${serial} 7200 3600 1209600 300\n`;
const hosts = Array.from({ length: 40 }, (_, i) => `h${i} 60 A 192.0.2.${i}\n`).join('');
const text = (serial: number, more: string = ''): string =>
  `${soa(serial)}@ 60 NS ns\nns 60 A 192.0.2.1\n${hosts}${more}`;
const lines = (serial: number, more: string = ''): string[] =>
  sortedLines(recordsOf(zoneName, text(serial, more)));

function message(records: string, type: number = 252): Uint8Array {
  return encodeMessage({
    id,
    opcode: 0,
    rcode: 0,
    flags: { ...noFlags, qr: true, aa: true },
    questions: [{ name: zone, type, class: 1 }],
    answers: recordsOf(zoneName, records).map((record) => ({ ...record, class: 1 })),
    authorities: [],
    additionals: [],
  });
}

/** A zone as two messages. */
const whole = (serial: number, more: string = ''): Uint8Array[] => [
  message(text(serial, more)),
  message(soa(serial)),
];
/** One record comes, or comes and another goes, between two serials. */
const step = (from: number, to: number, gone: string, come: string): Uint8Array[] => [
  message(`${soa(to)}${soa(from)}${gone}${soa(to)}${come}${soa(to)}`, 251),
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'riad-copies-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the loader thread is, between two restarts. */
class Loader {
  readonly image: ZoneImage;
  readonly journal: ZoneJournal;
  readonly kept: KeptTransfers;
  readonly copies: ZoneCopies;
  readonly complaints: string[];
  readonly published: JournalEntry[] = [];
  readonly behind: Map<string, number>;
  #next = 1;

  constructor() {
    const arena = Arena.reserve(64 << 20);
    const places = { disk: nodeDisk(), stateDirectory: folder, arena };
    const state = openZoneState({ ...places, capacityOctets: arena.buffer.byteLength });
    const originOf = (): undefined => undefined;
    const { image, journal, behind } = restoreZones(state, {
      arena,
      tailOctets: 0,
      originOf,
      sha1,
    });
    const { kept, complaints } = state;
    this.image = image;
    this.behind = behind;
    this.kept = kept;
    this.journal = journal;
    this.complaints = complaints;
    const common = { image, journal, kept, behind, sha1 };
    this.copies = new ZoneCopies({
      ...common,
      hmac,
      published: (changes) => void this.published.push(...changes),
      complain: (complaint) => void complaints.push(complaint),
    });
  }

  begin(serial: number | undefined, key?: { key: TsigKey; mac: Uint8Array }): number {
    const transfer = this.#next++;
    const kind = serial === undefined ? 'axfr' : 'ixfr';
    const request = { kind, zone, id, serial, transport: 'tcp' } as const;
    const start = { transfer, request, signed: key, style: 'chained', from: '192.0.2.53' } as const;
    const begun = this.copies.perform({ type: 'transfer-begin', ...start });
    assert.equal(begun.outcome, undefined);
    return transfer;
  }

  give(transfer: number, messages: readonly Uint8Array[]): TransferResult {
    return this.copies.perform({ type: 'transfer-messages', transfer, messages, wallSeconds });
  }

  take(serial: number | undefined, messages: readonly Uint8Array[]): TransferOutcome | undefined {
    return this.give(this.begin(serial), messages).outcome;
  }

  get lines(): string[] {
    return linesOf(this.image, zone);
  }
}

async function restart(before: Loader): Promise<Loader> {
  await before.journal.close();
  return new Loader();
}

const files = (): string[] => readdirSync(join(folder, 'zones')).sort();
const kinds = (loader: Loader): string[] => loader.published.map(({ record }) => record.kind);

describe('transfers', () => {
  test('a whole zone is kept as it came, and what follows is journalled: a restart has all', async () => {
    let loader = new Loader();
    const outcome = loader.take(undefined, whole(1));
    assert.ok(outcome?.kind === 'zone');
    assert.deepEqual(
      [outcome.zone.serial, outcome.zone.records, outcome.wallSeconds],
      [1, lines(1).length, wallSeconds],
    );
    assert.deepEqual(loader.lines, lines(1));
    assert.deepEqual(kinds(loader), ['whole', 'confirmed']);
    assert.equal(files().length, 1);
    const more = 'new 60 TXT "x"\n';
    const changed = loader.take(1, step(1, 2, '', more));
    assert.deepEqual([changed?.kind, loader.lines], ['changes', lines(2, more)]);
    assert.deepEqual(kinds(loader).slice(2), ['transfer', 'confirmed']);
    loader = await restart(loader);
    assert.deepEqual([loader.lines, loader.complaints], [lines(2, more), []]);
    // And goes on from there, several at once, each on its own.
    const late = loader.begin(2);
    assert.equal(loader.take(2, step(2, 3, more, ''))?.kind, 'changes');
    const stale = loader.give(late, step(2, 3, '', 'other 60 A 192.0.2.9\n')).outcome;
    assert.ok(stale?.kind === 'fault' && stale.code === 'commit.inexact');
    loader = await restart(loader);
    assert.deepEqual(loader.lines, lines(3));
    await loader.journal.close();
  });

  test('a whole zone that differs in little is kept as that difference, for secondaries of ours', async () => {
    let loader = new Loader();
    loader.take(undefined, whole(1, 'a 60 A 192.0.2.7\n'));
    const before = files();
    assert.equal(loader.take(1, whole(2).map(asIxfr))?.kind, 'zone');
    assert.deepEqual(kinds(loader).slice(2), ['transfer', 'confirmed']);
    assert.deepEqual(files(), before);
    assert.deepEqual(loader.lines, lines(2));
    loader = await restart(loader);
    assert.deepEqual([loader.lines, loader.complaints], [lines(2), []]);
    // One with an older serial, which an operator wanted, is no difference.
    assert.equal(loader.take(undefined, whole(1))?.kind, 'zone');
    assert.deepEqual(kinds(loader), ['whole', 'confirmed']);
    loader = await restart(loader);
    assert.deepEqual(loader.lines, lines(1));
    assert.equal(files().length, 1);
    await loader.journal.close();
  });

  test('one that is broken, cut short or given up changes nothing and leaves nothing', async () => {
    let loader = new Loader();
    loader.take(undefined, whole(1));
    const used = loader.image.writer.usedOctets;
    const before = files();
    for (const [why, messages, code] of [
      ['no name servers', [message(`${soa(2)}a 60 A 192.0.2.1\n${soa(2)}`)], 'transfer.zone'],
      ['two serials', [message(text(2)), message(soa(3))], 'transfer.serial'],
      ['garbage behind a good message', [message(text(2)), new Uint8Array(9)], 'transfer.message'],
      ['cut', [message(text(2))], 'transfer.cut-short'],
    ] as const) {
      const transfer = loader.begin(undefined);
      let { outcome } = loader.give(transfer, messages);
      outcome ??= loader.copies.perform({ type: 'transfer-end', transfer }).outcome;
      assert.ok(outcome?.kind === 'fault', why);
      assert.equal(outcome.code, code, why);
      assert.deepEqual([loader.lines, files()], [lines(1), before], why);
      // Whatever comes behind it is too late.
      assert.equal(loader.give(transfer, [message(soa(2))]).outcome?.kind, 'fault');
    }
    assert.equal(loader.image.writer.usedOctets, used);
    loader = await restart(loader);
    assert.deepEqual(loader.lines, lines(1));
    await loader.journal.close();
  });

  test('signed messages are verified before anything of them counts', async () => {
    const loader = new Loader();
    const key: TsigKey = {
      name: parseName('k._transfer.example.'),
      algorithm: 'hmac-sha256',
      secret: new Uint8Array(32).fill(7),
    };
    const query = signRequest(transferQuery(zone, id, undefined), key, wallSeconds, hmac);
    const signed = { key, mac: query.mac };
    for (const [why, spoil, kind] of [
      ['as they were signed', undefined, 'zone'],
      ['an octet of the last changed', 60, 'fault'],
    ] as const) {
      const signer = messageSigner(signed, () => wallSeconds, hmac);
      const messages = whole(1).map((octets) => signer.sign(octets).slice());
      if (spoil !== undefined) messages.at(-1)![spoil]! ^= 1;
      const { outcome } = loader.give(loader.begin(undefined, signed), messages);
      assert.equal(outcome?.kind, kind, why);
      if (outcome?.kind === 'fault') assert.equal(outcome.code, 'transfer.signature');
    }
    const { record } = loader.published[0]!;
    assert.deepEqual(
      [record.author.key, record.author.address],
      ['k._transfer.example.', '192.0.2.53'],
    );
    await loader.journal.close();
  });

  test('a crash between keeping a zone and journalling it: the restart serves what was whole', async () => {
    let loader = new Loader();
    loader.take(undefined, whole(1));
    const file = loader.kept.begin(zoneName);
    for (const octets of whole(7)) file.write(octets);
    loader.kept.keep(zoneName, file, loader.journal.lastSequence + 1);
    loader = await restart(loader);
    assert.deepEqual([loader.lines, loader.complaints], [lines(7), []]);
    assert.equal(files().length, 1, 'what was replaced is gone');
    assert.equal(loader.take(7, step(7, 8, '', 'b 60 A 192.0.2.8\n'))?.kind, 'changes');
    loader = await restart(loader);
    assert.deepEqual(loader.lines, lines(8, 'b 60 A 192.0.2.8\n'));
    await loader.journal.close();
  });

  test('what was being written at a crash is cleared away', async () => {
    const loader = new Loader();
    loader.give(loader.begin(undefined), [message(text(1))]);
    assert.equal(files().length, 1);
    const again = await restart(loader);
    assert.deepEqual([files(), again.lines], [[], []]);
    await again.journal.close();
  });

  test('a disk that refuses: the zone before stays, in force and kept', async () => {
    let loader = new Loader();
    loader.take(undefined, whole(1));
    loader.journal.append = () => {
      throw Object.assign(new Error('no space'), { code: 'journal.full' });
    };
    for (const [serial, messages] of [
      [undefined, whole(2, 'x 60 A 192.0.2.1\n'.repeat(1))],
      [undefined, [message(`${soa(3)}@ 60 NS ns\nns 60 A 192.0.2.1\n${soa(3)}`)]],
      [1, step(1, 2, '', 'x 60 A 192.0.2.1\n')],
    ] as const) {
      const outcome = loader.take(serial, messages);
      assert.ok(outcome?.kind === 'fault' && outcome.code === 'copy.disk');
      assert.deepEqual(loader.lines, lines(1));
    }
    loader = await restart(loader);
    assert.deepEqual([loader.lines, loader.complaints], [lines(1), []]);
    await loader.journal.close();
  });

  test('a kept zone that a disk has changed is not served', async () => {
    let loader = new Loader();
    loader.take(undefined, whole(1));
    const path = join(folder, 'zones', files()[0]!);
    const octets = readFileSync(path);
    octets[100]! ^= 1;
    writeFileSync(path, octets);
    loader = await restart(loader);
    assert.deepEqual(loader.lines, []);
    assert.match(loader.complaints[0]!, /zone\.example\. is missing or damaged/);
    await loader.journal.close();
  });

  test('many changes: the zone is kept anew, so that a restart need not do them all', async () => {
    let loader = new Loader();
    loader.take(undefined, whole(1));
    const before = files();
    const large = (serial: number): string =>
      Array.from({ length: 20 }, (_, i) => `t${i} 60 TXT "${serial}" "${'x'.repeat(250)}"\n`).join(
        '',
      );
    let serial = 1;
    for (; serial < 40; serial++) {
      const gone = serial === 1 ? '' : large(serial);
      assert.equal(
        loader.take(serial, step(serial, serial + 1, gone, large(serial + 1)))?.kind,
        'changes',
      );
    }
    assert.notDeepEqual(files(), before);
    assert.equal(files().length, 1);
    assert.ok(loader.behind.get(zoneName)! < 256 << 10);
    const { sequence } = loader.kept.entryOf(zoneName)!;
    assert.ok(sequence > 3);
    loader = await restart(loader);
    assert.deepEqual([loader.lines, loader.complaints], [lines(40, large(40)), []]);
    await loader.journal.close();
  });
});

/** The same message as an answer to IXFR: its question has another type. */
function asIxfr(octets: Uint8Array): Uint8Array {
  const at = 12 + zone.length;
  return octets.with(at + 1, 251);
}
