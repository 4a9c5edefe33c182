/**
 * Builds a zone in the image from its records, in whatever order they come. Nothing of it can be
 * seen before the finished zone is published, so all of it is written as "visible to all".
 */
import { nameKey } from '@riad/dns/name';
import type { ArenaWriter } from '@riad/octets/arena';
import { buildDenial, type Sha1 } from './denial-index.ts';
import { freeNames } from './free-zone.ts';
import { node, nodeVersion, nodeVersionFlag, zoneVersion } from './layout.ts';
import type { NameAssembler } from './name-assembler.ts';
import { NameNodes } from './name-nodes.ts';
import { NameTable } from './name-table.ts';
import { findRrset, firstRrsetWord, nodeVersionBlockOctets } from './node-version.ts';
import { RecordBuffer } from './record-buffer.ts';
import { rrsetBlockOctets } from './rrset-encoder.ts';
import { unpackRrset } from './rrset-view.ts';
import { putSoaFields } from './soa-fields.ts';
import type { ZoneImage } from './zone-image.ts';

/** What is wrong with a record or a zone, for people. `line` is 0 where no line is to blame. */
export type ZoneFault = {
  readonly code: string;
  readonly line: number;
  readonly name: Uint8Array;
  readonly message: string;
};

/** The most faults that are collected; more would not be read. */
export const maxZoneFaults = 100;
/** Names outside a zone whose addresses its file may hold; more than that are no name servers of one zone. */
export const maxOutsideGlue = 1000;

const typeA = 1;
const typeNs = 2;
const typeSoa = 6;
const typeAaaa = 28;
const typeNsec = 47;

export class ZoneBuilder {
  readonly apex: number;
  readonly faults: ZoneFault[] = [];
  /**
   * Records that are not in the zone as they were written: duplicates, TTLs that differ within an RRset,
   * and addresses of name servers outside the zone.
   */
  irregular = 0;
  readonly #writer: ArenaWriter;
  readonly #nodes: NameNodes;
  readonly #assembler: NameAssembler;
  readonly #pending = new RecordBuffer();
  readonly #together = new RecordBuffer();
  readonly #apexName: Uint8Array;
  #owner = 0;
  #line = 0;
  #records = 0;
  #rrsets = 0;
  #maxLabels = 0;
  readonly #sha1: Sha1;
  /** The nodes in the order in which they were made, which is that of memory: the table's is not. */
  #made: Int32Array = new Int32Array(1024);
  #madeCount = 0;
  readonly #outside: { readonly name: Uint8Array; readonly line: number }[] = [];

  /** `apexName`: wire form. `expectedNames` sizes the table; a wrong guess costs only time. */
  constructor(image: ZoneImage, apexName: Uint8Array, expectedNames: number, sha1: Sha1) {
    const { writer } = image;
    this.#writer = writer;
    this.#assembler = image.assembler;
    this.#apexName = apexName;
    this.#sha1 = sha1;
    const free = (reference: number, size: number): void => writer.free(reference, size);
    this.#nodes = new NameNodes(writer, NameTable.make(writer, expectedNames), image.seed, free);
    this.#nodes.made = (reference) => this.#remember(reference);
    this.apex = this.#nodes.makeApex(apexName, 0);
    this.#maxLabels = this.#nodes.labels;
  }

  get nodes(): NameNodes {
    return this.#nodes;
  }

  /**
   * Takes one record. `owner` is in wire form at the start of `ownerBuffer`; `sameOwner` says that it
   * is the one of the record before. RDATA is uncompressed wire form.
   */
  record(
    ownerBuffer: Uint8Array,
    _ownerLength: number,
    sameOwner: boolean,
    type: number,
    klass: number,
    ttlSeconds: number,
    rdata: Uint8Array,
    rdataStart: number,
    rdataEnd: number,
    line: number,
  ): void {
    if (klass !== 1) {
      this.#fault('zone.class', line, ownerBuffer, 'only class IN can be served');
      return;
    }
    if (!sameOwner || this.#owner === 0) {
      this.#flush();
      const owner = this.#nodes.reach(ownerBuffer, 0, this.apex);
      if (owner === 0) {
        this.#owner = 0;
        const address = type === typeA || type === typeAaaa;
        if (address && this.#outside.length < maxOutsideGlue) {
          this.#outside.push({ name: ownerBuffer.slice(0, nameLength(ownerBuffer)), line });
        } else this.#outOfZone(line, ownerBuffer);
        return;
      }
      if (this.#nodes.labels > this.#maxLabels) this.#maxLabels = this.#nodes.labels;
      this.#owner = owner;
      this.#line = line;
    }
    this.#pending.push(type, ttlSeconds, rdata, rdataStart, rdataEnd);
  }

  #flush(): void {
    const owner = this.#owner;
    const pending = this.#pending;
    if (owner === 0 || pending.count === 0) return;
    this.#owner = 0;
    const { words, octets } = this.#writer;
    const present = words[owner * 2 + node.head]!;
    if (present !== 0) {
      // The name was met before: take its records out, put the new ones behind, and start again.
      const together = this.#together;
      together.clear();
      this.#takeApart(owner, present, together, words, octets);
      for (let i = 0; i < pending.count; i++) {
        together.push(
          pending.types[i]!,
          pending.ttls[i]!,
          pending.data,
          pending.spans[i * 2]!,
          pending.spans[i * 2 + 1]!,
        );
      }
      this.#assemble(owner, together);
    } else {
      this.#assemble(owner, pending);
      this.#countAsChild(owner);
    }
    pending.clear();
  }

  #outOfZone(line: number, name: Uint8Array): void {
    this.#fault('zone.out-of-zone', line, name, 'the name does not lie in this zone');
  }

  /**
   * Addresses of name servers outside the zone are left out, for no resolver would take them from here
   * (RFC 5452 §6); files of old have them, and what is not the zone’s business is no reason to refuse it.
   */
  #leaveOutGlue(): void {
    if (this.#outside.length === 0) return;
    const servers = this.#nameServers();
    for (const { name, line } of this.#outside) {
      if (servers.has(nameKey(name))) this.irregular++;
      else this.#outOfZone(line, name);
    }
  }

  /** The targets of every NS record, folded. */
  #nameServers(): Set<string> {
    const { words, octets } = this.#writer;
    const servers = new Set<string>();
    const records = new RecordBuffer();
    for (let i = 0; i < this.#madeCount; i++) {
      const owner = this.#made[i]!;
      const version = words[owner * 2 + node.head]!;
      const found = version === 0 ? 0 : findRrset(words, version, typeNs);
      if (found === 0) continue;
      records.clear();
      unpackRrset(words, octets, found, owner, this.apex, false, records);
      for (let j = 0; j < records.count; j++) {
        const target = records.data.slice(records.spans[j * 2]!, records.spans[j * 2 + 1]!);
        servers.add(nameKey(target));
      }
    }
    return servers;
  }

  #remember(reference: number): void {
    if (this.#madeCount === this.#made.length) {
      const longer = new Int32Array(this.#made.length * 2);
      longer.set(this.#made);
      this.#made = longer;
    }
    this.#made[this.#madeCount++] = reference;
  }

  #assemble(owner: number, records: RecordBuffer): void {
    try {
      const made = this.#assembler.assemble(this.#nodes, owner, this.apex, records, 0, 0);
      this.#writer.put(owner * 2 + node.head, made.version);
      this.#records += made.records;
      this.#rrsets += made.rrsets;
      this.irregular += made.irregular;
      if (made.cnameConflict) {
        this.#fault(
          'zone.cname-beside-data',
          this.#line,
          nameOf(this.#writer, owner),
          'a CNAME stands beside other records of the same name',
        );
      }
      if (made.several !== 0) {
        this.#fault(
          'zone.several',
          this.#line,
          nameOf(this.#writer, owner),
          severalText(made.several),
        );
      }
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code !== 'rrset.too-large' && code !== 'name.too-many-records') throw error;
      this.#fault(code, this.#line, nameOf(this.#writer, owner), (error as Error).message);
    }
  }

  /** Empties a name into `into` and frees what it had. */
  #takeApart(
    owner: number,
    version: number,
    into: RecordBuffer,
    words: Int32Array,
    octets: Uint8Array,
  ): void {
    const count = words[version * 2 + nodeVersion.info]! & 0xffff;
    const first = firstRrsetWord(words, version);
    for (let i = 0; i < count; i++) {
      const reference = words[first + i]!;
      const before = into.count;
      unpackRrset(words, octets, reference, owner, this.apex, true, into);
      this.#records -= into.count - before;
      this.#rrsets--;
      this.#writer.free(reference, rrsetBlockOctets(words, reference));
    }
    this.#writer.put(owner * 2 + node.head, 0);
    this.#writer.free(version, nodeVersionBlockOctets(words, version));
  }

  /** A name that begins to exist counts below its parent, which by that exists too. */
  #countAsChild(child: number): void {
    const { words } = this.#writer;
    let reference = child;
    // A name with children was counted when it got the first one.
    if (words[child * 2 + node.children] !== 0) return;
    for (;;) {
      const parent = words[reference * 2 + node.parent]!;
      if (parent === 0) return;
      const existed =
        words[parent * 2 + node.head] !== 0 || words[parent * 2 + node.children] !== 0;
      this.#writer.put(parent * 2 + node.children, words[parent * 2 + node.children]! + 1);
      if (existed) return;
      reference = parent;
    }
  }

  /**
   * Ends building. Returns the reference of the zone's version, not linked anywhere yet; 0 if there
   * are faults (`abandon` then gives the memory back).
   */
  finish(version: number, number: number): number {
    this.#flush();
    this.#leaveOutGlue();
    const writer = this.#writer;
    const { words, octets } = writer;
    const apexVersion = words[this.apex * 2 + node.head]!;
    const soa = apexVersion === 0 ? 0 : findRrset(words, apexVersion, typeSoa);
    if (soa === 0) {
      this.#fault('zone.no-soa', 0, this.#apexName, 'the zone has no SOA record at its apex');
      return 0;
    }
    if (findRrset(words, apexVersion, typeNs) === 0) {
      this.#fault('zone.no-ns', 0, this.#apexName, 'the zone has no NS record at its apex');
    }
    if (this.faults.length > 0) return 0;
    let cutDepths = 0;
    let dnameDepths = 0;
    let wildcardDepths = 0;
    let count = 0;
    const apexLabels = (words[this.apex * 2 + node.info]! >>> 8) & 0xff;
    let firstNsec = false;
    let nsec3 = false;
    for (let i = 0; i < this.#madeCount; i++) {
      const reference = this.#made[i]!;
      const word = reference * 2;
      let head = words[word + node.head]!;
      if (head === 0) {
        if (words[word + node.children] === 0) continue; // a target that does not exist
        head = this.#assembler.assemble(
          this.#nodes,
          reference,
          this.apex,
          emptyRecords,
          0,
          0,
        ).version;
        writer.put(word + node.head, head);
      }
      count++;
      const flags = words[head * 2 + nodeVersion.info]!;
      const info = words[word + node.info]!;
      const depth = Math.min(31, ((info >>> 8) & 0xff) - apexLabels);
      if ((flags & nodeVersionFlag.cut) !== 0) cutDepths |= 1 << depth;
      if ((flags & nodeVersionFlag.dname) !== 0) dnameDepths |= 1 << depth;
      if ((flags & nodeVersionFlag.hashOwner) !== 0) nsec3 = true;
      if ((info & (1 << 17)) !== 0 && reference !== this.apex)
        wildcardDepths |= 1 << Math.max(0, depth - 1);
    }
    if (findRrset(words, apexVersion, typeNsec) !== 0) firstNsec = true;
    const reference = writer.allocate(zoneVersion.words * 4);
    writer.clear(reference, zoneVersion.words * 4);
    const zone = reference * 2;
    writer.put(zone + zoneVersion.version, version);
    writer.put(zone + zoneVersion.apex, this.apex);
    writer.put(zone + zoneVersion.names, this.#nodes.table.holder);
    writer.put(zone + zoneVersion.soa, soa);
    writer.put(zone + zoneVersion.cutDepths, cutDepths);
    writer.put(zone + zoneVersion.dnameDepths, dnameDepths);
    writer.put(zone + zoneVersion.wildcardDepths, wildcardDepths);
    writer.put(zone + zoneVersion.maxLabels, this.#maxLabels);
    writer.put(zone + zoneVersion.records, this.#records);
    writer.put(zone + zoneVersion.rrsets, this.#rrsets);
    writer.put(zone + zoneVersion.nodes, count);
    writer.put(zone + zoneVersion.number, number);
    putSoaFields(writer, zone, soa, words, octets);
    if (firstNsec || nsec3)
      buildDenial(writer, reference, this.#nodes, firstNsec, nsec3, this.#sha1);
    return reference;
  }

  /** Gives back the memory of a zone that `finish` refused. */
  abandon(): void {
    const free = (reference: number, size: number): void => this.#writer.free(reference, size);
    freeNames(this.#writer, this.#nodes.table);
    this.#nodes.table.free(free);
  }

  #fault(code: string, line: number, name: Uint8Array, message: string): void {
    if (this.faults.length < maxZoneFaults) {
      this.faults.push({ code, line, name: name.slice(0, nameLength(name)), message });
    }
  }
}

const emptyRecords = new RecordBuffer();

/** Why there may be only one. */
export function severalText(type: number): string {
  const text = type === typeSoa ? 'SOA' : type === 39 ? 'DNAME' : 'CNAME';
  return `the name has more than one ${text} record`;
}

function nameOf(writer: ArenaWriter, reference: number): Uint8Array {
  const at = reference * 8 + node.nameOctet;
  return writer.octets.slice(at, at + (writer.words[reference * 2 + node.info]! & 0xff));
}

function nameLength(name: Uint8Array): number {
  let i = 0;
  while (name[i] !== 0) i += name[i]! + 1;
  return i + 1;
}
