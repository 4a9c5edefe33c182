/**
 * Changes some records of a hosted zone in one commit: all of it becomes visible with one store, or
 * nothing does. The cost grows with the change, not with the zone.
 *
 * Everything new is made first, linked nowhere; only when nothing can fail any more is it linked.
 */
import type { ArenaWriter } from '@riad/octets/arena';
import { changeRecords } from './change-records.ts';
import { makeDenialBlock, Nsec3Hash, type Sha1 } from './denial-index.ts';
import { node, nodeVersion, nodeVersionFlag, zoneFlag, zoneVersion } from './layout.ts';
import { linkVersions } from './link-versions.ts';
import { makeZoneVersion } from './make-zone-version.ts';
import type { NameAssembler } from './name-assembler.ts';
import type { NameNodes } from './name-nodes.ts';
import type { NodeFate } from './node-fate.ts';
import { findRrset, firstRrsetWord, makeNodeVersion } from './node-version.ts';
import { RecordBuffer } from './record-buffer.ts';
import { unpackRrset } from './rrset-view.ts';
import { severalText } from './zone-builder.ts';
import type { ZoneImage } from './zone-image.ts';

/** One record, in wire form; RDATA uncompressed. */
export type ZoneRecord = {
  readonly owner: Uint8Array;
  readonly type: number;
  readonly ttlSeconds: number;
  readonly rdata: Uint8Array;
};

export type CommitOutcome =
  | {
      readonly ok: true;
      readonly removed: number;
      readonly added: number;
      /** Additions that were there already, or gave an RRset another TTL. */
      readonly irregular: number;
    }
  /** `code` is a fault of the records; `commit.rebuild` asks to build the zone anew instead. */
  | { readonly ok: false; readonly code: string; readonly message: string };

const typeNs = 2;
const typeSoa = 6;
const typeNsec = 47;
const typeNsec3param = 51;

/**
 * Removes records, then adds records, of the zone at `apexName`. What is not there is not removed; what
 * is there is not added twice. With `exact` either is a fault, `commit.inexact`: the zone is not the one
 * that the change was made for.
 */
export function commitChanges(
  image: ZoneImage,
  apexName: Uint8Array,
  removals: readonly ZoneRecord[],
  additions: readonly ZoneRecord[],
  sha1: Sha1,
  exact: boolean = false,
): CommitOutcome {
  const prepared = prepareChanges(image, apexName, removals, additions, sha1, exact);
  if (prepared.ok) prepared.publish();
  return prepared;
}

/** A commit that nobody sees yet. One of the two must be called, once. */
export type PreparedCommit = Extract<CommitOutcome, { ok: true }> & {
  /** Cannot fail. Commits are published in the order in which they were prepared. */
  publish(): void;
  discard(): void;
};

/**
 * Makes all that a commit needs, so that it can be written to a journal before anybody sees it.
 * `ahead`: commits of other zones that are prepared and not published yet.
 */
export function prepareChanges(
  image: ZoneImage,
  apexName: Uint8Array,
  removals: readonly ZoneRecord[],
  additions: readonly ZoneRecord[],
  sha1: Sha1,
  exact: boolean = false,
  ahead: number = 0,
): PreparedCommit | Extract<CommitOutcome, { ok: false }> {
  const zone = image.zoneOf(apexName);
  if (zone === 0) return { ok: false, code: 'zone.not-hosted', message: 'the zone is not hosted' };
  const commit = new ZoneCommit(image, zone, sha1, ahead);
  try {
    return commit.prepare(apexName, removals, additions, exact);
  } catch (error) {
    commit.giveUp();
    const code = (error as { code?: string }).code;
    if (code === undefined) throw error;
    return { ok: false, code, message: (error as Error).message };
  }
}

class ZoneCommit {
  readonly #image: ZoneImage;
  readonly #writer: ArenaWriter;
  readonly #zone: number;
  readonly #apex: number;
  readonly #nodes: NameNodes;
  readonly #assembler: NameAssembler;
  readonly #fates = new Map<number, NodeFate>();
  readonly #version: number;
  readonly #hash: Nsec3Hash;
  /** Pages of trees that were replaced: given back only if the commit goes through. */
  readonly #pages: number[] = [];
  /** Blocks that were made, with their sizes, once all is made. */
  #made: number[] | undefined;
  /** Records of one owner, as they were and as they will be. */
  readonly #before = new RecordBuffer();
  readonly #after = new RecordBuffer();
  #removed = 0;
  #added = 0;
  #irregular = 0;
  #maxLabels = 0;

  constructor(image: ZoneImage, zone: number, sha1: Sha1, ahead: number) {
    this.#image = image;
    this.#writer = image.writer;
    this.#zone = zone;
    const { words } = image.writer;
    this.#apex = words[zone * 2 + zoneVersion.apex]!;
    this.#nodes = image.namesOf(zone);
    this.#assembler = image.assembler;
    this.#version = image.versionAhead(ahead);
    this.#hash = new Nsec3Hash(sha1);
    this.#maxLabels = words[zone * 2 + zoneVersion.maxLabels]!;
    image.writer.journal = [];
  }

  prepare(
    apexName: Uint8Array,
    removals: readonly ZoneRecord[],
    additions: readonly ZoneRecord[],
    exact: boolean,
  ): PreparedCommit {
    const perOwner = this.#group(removals, additions);
    for (const [reference, change] of perOwner)
      this.#changeOwner(reference, change.removals, change.additions);
    if (exact && (this.#removed !== removals.length || this.#irregular > 0)) {
      throw new CommitRefused('commit.inexact', 'the zone is not the one that the change is for');
    }
    this.#settleExistence();
    const apexFate = this.#fates.get(this.#apex);
    // Names below it may have come or gone without a change of its own records.
    const apexStays = apexFate === undefined || (apexFate.made === 0 && apexFate.hasRecords);
    const apexVersion = apexStays ? this.#writer.words[this.#apex * 2 + node.head]! : apexFate.made;
    const soa = apexVersion === 0 ? 0 : findRrset(this.#writer.words, apexVersion, typeSoa);
    if (soa === 0)
      throw new CommitRefused(
        'zone.no-soa',
        'the change would leave the zone without a SOA record',
      );
    if (findRrset(this.#writer.words, apexVersion, typeNs) === 0) {
      throw new CommitRefused(
        'zone.no-ns',
        'the change would leave the zone without an NS record at its apex',
      );
    }
    this.#refuseNewHashes(apexFate);
    const made = makeZoneVersion(this.#writer, {
      zone: this.#zone,
      apex: this.#apex,
      version: this.#version,
      soa,
      maxLabels: this.#maxLabels,
      fates: this.#fates,
      scratch: this.#before,
      replaced: (reference, size) => void this.#pages.push(reference, size),
    });
    this.#made = this.#writer.journal!;
    this.#writer.journal = undefined;
    return {
      ok: true,
      removed: this.#removed,
      added: this.#added,
      irregular: this.#irregular,
      publish: () => {
        linkVersions(this.#image, this.#fates.values(), this.#pages);
        this.#image.publish(apexName, made, false);
      },
      discard: () => this.giveUp(),
    };
  }

  /** Frees what was made. Nodes stay in the table: without a version nobody sees them. */
  giveUp(): void {
    const journal = this.#made ?? this.#writer.journal ?? [];
    this.#writer.journal = undefined;
    for (let i = 0; i < journal.length; i += 2) this.#writer.free(journal[i]!, journal[i + 1]!);
  }

  #group(
    removals: readonly ZoneRecord[],
    additions: readonly ZoneRecord[],
  ): Map<number, { removals: ZoneRecord[]; additions: ZoneRecord[] }> {
    const perOwner = new Map<number, { removals: ZoneRecord[]; additions: ZoneRecord[] }>();
    const changeOf = (reference: number): { removals: ZoneRecord[]; additions: ZoneRecord[] } => {
      let change = perOwner.get(reference);
      if (change === undefined) {
        change = { removals: [], additions: [] };
        perOwner.set(reference, change);
      }
      return change;
    };
    for (const record of removals) {
      const reference = this.#nodes.find(record.owner, 0);
      if (reference !== 0) changeOf(reference).removals.push(record);
    }
    for (const record of additions) {
      const reference = this.#nodes.reach(record.owner, 0, this.#apex);
      if (reference === 0)
        throw new CommitRefused('zone.out-of-zone', 'a name does not lie in the zone');
      this.#maxLabels = Math.max(this.#maxLabels, this.#nodes.labels);
      changeOf(reference).additions.push(record);
    }
    return perOwner;
  }

  #fateOf(reference: number): NodeFate {
    let fate = this.#fates.get(reference);
    if (fate !== undefined) return fate;
    const { words } = this.#writer;
    const head = words[reference * 2 + node.head]!;
    const info = head === 0 ? 0 : words[head * 2 + nodeVersion.info]!;
    const exists = head !== 0 && (info & nodeVersionFlag.deleted) === 0;
    const hadRecords = exists && (info & 0xffff) > 0;
    fate = {
      reference,
      labels: (words[reference * 2 + node.info]! >>> 8) & 0xff,
      before: exists ? head : 0,
      hadRecords,
      hasRecords: hadRecords,
      children: 0,
      made: 0,
      records: 0,
      rrsets: 0,
    };
    this.#fates.set(reference, fate);
    return fate;
  }

  #changeOwner(
    reference: number,
    removals: readonly ZoneRecord[],
    additions: readonly ZoneRecord[],
  ): void {
    const { words, octets } = this.#writer;
    const fate = this.#fateOf(reference);
    const before = this.#before;
    before.clear();
    if (fate.before !== 0) {
      const first = firstRrsetWord(words, fate.before);
      const count = words[fate.before * 2 + nodeVersion.info]! & 0xffff;
      for (let i = 0; i < count; i++)
        unpackRrset(words, octets, words[first + i]!, reference, this.#apex, true, before);
    }
    const after = this.#after;
    this.#removed += changeRecords(before, removals, additions, after);
    this.#added += additions.length;
    fate.hasRecords = after.count > 0;
    if (after.count === 0) return;
    const denial = this.#denialOf(fate);
    const made = this.#assembler.assemble(
      this.#nodes,
      reference,
      this.#apex,
      after,
      this.#version,
      denial,
    );
    if (made.cnameConflict)
      throw new CommitRefused('zone.cname-beside-data', 'a CNAME would stand beside other records');
    if (made.several !== 0) throw new CommitRefused('zone.several', severalText(made.several));
    this.#irregular += made.irregular;
    fate.made = made.version;
    fate.records = made.records;
    fate.rrsets = made.rrsets;
  }

  /** The denial block of a node in a zone with NSEC3: the one it has, or a new one. */
  #denialOf(fate: NodeFate): number {
    const { words } = this.#writer;
    const zone = this.#zone * 2;
    if ((words[zone + zoneVersion.flags]! & zoneFlag.nsec3) === 0) return 0;
    if (
      fate.before !== 0 &&
      (words[fate.before * 2 + nodeVersion.info]! & nodeVersionFlag.hashed) !== 0
    ) {
      return words[fate.before * 2 + nodeVersion.rrsets]!;
    }
    return makeDenialBlock(
      this.#writer,
      fate.reference,
      this.#hash,
      words[zone + zoneVersion.nsec3Salt]!,
      words[zone + zoneVersion.nsec3SaltOctets]!,
      words[zone + zoneVersion.nsec3Iterations]!,
    );
  }

  /**
   * A name exists while it owns records or names below it exist. Deepest first, so that each parent
   * knows about all its children before it is its turn.
   */
  #settleExistence(): void {
    const { words } = this.#writer;
    const byDepth: NodeFate[][] = [];
    const place = (fate: NodeFate): void => {
      byDepth[fate.labels] ??= [];
      byDepth[fate.labels]!.push(fate);
    };
    for (const fate of this.#fates.values()) place(fate);
    for (let depth = byDepth.length - 1; depth >= 0; depth--) {
      const level = byDepth[depth] ?? [];
      for (let i = 0; i < level.length; i++) {
        const fate = level[i]!;
        const children = words[fate.reference * 2 + node.children]! + fate.children;
        const exists = fate.hasRecords || children > 0;
        if (!fate.hasRecords && (exists || fate.before !== 0) && fate.reference !== this.#apex) {
          if (exists && fate.before !== 0 && !fate.hadRecords) continue; // stays an empty non-terminal
          const flags = exists ? nodeVersionFlag.emptyNonTerminal : nodeVersionFlag.deleted;
          const denial = exists ? this.#denialOf(fate) : 0;
          fate.made = makeNodeVersion(this.#writer, this.#version, flags, 0, noRrsets, 0, denial);
        }
        if (exists === (fate.before !== 0)) continue;
        const parent = words[fate.reference * 2 + node.parent]!;
        if (parent === 0) continue;
        const known = this.#fates.has(parent);
        const parentFate = this.#fateOf(parent);
        parentFate.children += exists ? 1 : -1;
        if (!known) place(parentFate);
      }
    }
  }

  /** A new salt or iteration count changes the hash of every name: that is another zone. */
  #refuseNewHashes(apexFate: NodeFate | undefined): void {
    if (apexFate === undefined || apexFate.made === 0) return;
    const { words, octets } = this.#writer;
    const text = (version: number): string => {
      const found = version === 0 ? 0 : findRrset(words, version, typeNsec3param);
      if (found === 0) return '';
      const records = new RecordBuffer();
      unpackRrset(words, octets, found, this.#apex, this.#apex, false, records);
      return String(records.data.subarray(0, records.length));
    };
    const chain = (version: number): boolean =>
      version !== 0 && findRrset(words, version, typeNsec) !== 0;
    if (
      text(apexFate.before) !== text(apexFate.made) ||
      chain(apexFate.before) !== chain(apexFate.made)
    ) {
      throw new CommitRefused(
        'commit.rebuild',
        'the zone’s chain of denial changes: it has to be built anew',
      );
    }
  }
}

const noRrsets = new Int32Array(0);

class CommitRefused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'CommitRefused';
    this.code = code;
  }
}
