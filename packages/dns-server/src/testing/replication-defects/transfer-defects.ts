/** Defects in zones and differences as they are sent and taken in (RFC 5936, RFC 1995, RFC 7314). */
import { change, type Defect, noticer, server, simulation } from './defect.ts';

const axfr = server('transfer/axfr-out.ts');
const ixfr = server('transfer/ixfr-out.ts');
const out = server('transfer/transfer-out.ts');
const fill = server('transfer/message-fill.ts');
const incoming = server('transfer/transfer-in.ts');
const query = server('transfer/transfer-query.ts');
const apply = server('transfer/apply-change.ts');
const zoneChange = server('zone-history/zone-change.ts');
const difference = server('zone-history/zone-difference.ts');
const history = server('zone-history/zone-history.ts');

const byOut = noticer(server('transfer/transfer-out.test.ts'));
const byIn = noticer(server('transfer/transfer-in.test.ts'));
const byChange = noticer(server('zone-history/zone-change.test.ts'));

export const outgoingDefects: readonly Defect[] = [
  {
    what: 'AXFR is answered over UDP',
    rule: 'RFC 5936 §4.2',
    changes: change(
      out,
      "} else if (transport === 'udp') {",
      '} else if (transport === undefined) {',
    ),
    noticedBy: byOut('refused: over UDP'),
  },
  {
    what: 'a zone that is not here is refused, and not NOTAUTH',
    rule: 'RFC 5936 §2.2.1',
    changes: change(out, 'yield refuse(Rcode.NOTAUTH);', 'yield refuse(Rcode.REFUSED);'),
    noticedBy: byOut('refused: of a zone that is not here'),
  },
  {
    what: 'a copy that has expired is given on',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      out,
      'if ((arena.words[zone * 2 + zoneVersion.flags]! & zoneFlag.withheld) !== 0) {',
      'if ((arena.words[zone * 2 + zoneVersion.flags]! & zoneFlag.withheld) < 0) {',
    ),
    noticedBy: byOut('refused: of a copy that has expired'),
  },
  {
    what: 'a zone ends without its SOA',
    rule: 'RFC 5936 §2.2',
    changes: change(
      axfr,
      'return fill.rrset(this.#apex, this.#soa, 0, this.#soaOctets);\n  }\n\n  #walk',
      'return true;\n  }\n\n  #walk',
    ),
    noticedBy: byOut('gives every record once'),
  },
  {
    what: 'a zone is sent without the addresses below its cuts',
    rule: 'RFC 5936 §3.5, RFC 9471 §3',
    changes: change(
      axfr,
      'if (version === 0) continue;',
      'if (version === 0) continue;\n      const above = nodeVersionAt(words, words[reference * 2 + 2]!, this.#version);\n      if (above !== 0 && (words[above * 2 + nodeVersionInfo]! & 0x20000) !== 0) continue;',
    ),
    noticedBy: byOut('gives every record once'),
  },
  {
    what: 'a zone is sent as it is by now, and not as it was when it began',
    rule: 'RFC 5936 §2.2',
    changes: change(
      axfr,
      'nodeVersionAt(words, reference, this.#version)',
      'nodeVersionAt(words, reference, 0x7fff_ffff)',
    ),
    noticedBy: byOut('shows one version'),
  },
  {
    what: 'only the first message of a transfer has the question',
    rule: 'RFC 5936 §2.2.2',
    changes: change(
      fill,
      'out[5] = 1;\n    out.set(question, 12); // in every message, which RFC 5936 §2.2.2 allows and old secondaries want\n    this.#at = 12 + question.length;',
      'out[5] = this.#first ? 1 : 0;\n    if (this.#first) out.set(question, 12);\n    this.#at = this.#first ? 12 + question.length : 12;',
    ),
    noticedBy: byOut('large zones in messages that are full'),
  },
  {
    what: 'messages have no room for their signature',
    rule: 'RFC 8945 §5.3.1',
    changes: change(
      axfr,
      'maxMessageOctets - signatureOctets',
      'maxMessageOctets - 0 * signatureOctets',
    ),
    noticedBy: byOut('messages leave room for their signatures'),
  },
  {
    what: 'who is up to date gets the whole zone',
    rule: 'RFC 1995 §2',
    changes: change(ixfr, 'if (!isOlder(serial, present)) {', 'if (serial > 2 ** 32) {'),
    noticedBy: byOut('a secondary that is up to date'),
  },
  {
    what: 'who is ahead of us gets the zone that it had before',
    rule: 'RFC 1995 §2, RFC 1982 §3.2',
    changes: change(ixfr, 'if (!isOlder(serial, present)) {', 'if (serial === present) {'),
    noticedBy: byOut('a secondary that is ahead of us'),
  },
  {
    what: 'serials of requests are compared as plain numbers',
    rule: 'RFC 1982 §3.2',
    changes: change(ixfr, 'return ((serial - than) | 0) < 0;', 'return serial < than;'),
    noticedBy: byOut('a secondary that is a serial that is not known'),
  },
  {
    what: 'a difference that leads elsewhere is sent, where the history is ahead of the version held',
    rule: 'RFC 1995 §4',
    changes: change(
      ixfr,
      'if (change === undefined || change.toSerial !== present) {',
      'if (change === undefined) {',
    ),
    noticedBy: byOut('a history that is ahead of the version held'),
  },
  {
    what: 'a changed CNAME is missing from a difference',
    rule: 'RFC 1995 §4',
    changes: change(
      ixfr,
      'yield* removals;\n  yield* additions;',
      'yield* removals.filter(({ type }) => type !== 5);\n  yield* additions.filter(({ type }) => type !== 5);',
    ),
    noticedBy: byOut('a changed CNAME is in the difference'),
  },
  {
    what: 'a difference is cut at the end of its first message',
    rule: 'RFC 1995 §4',
    changes: change(ixfr, 'yield send();\n    fill.begin();', 'break;\n    fill.begin();'),
    noticedBy: byOut('a difference of a mebibyte arrives'),
  },
  {
    what: 'a difference names the old serial last, and not the new one',
    rule: 'RFC 1995 §4',
    changes: change(
      ixfr,
      'yield* additions;\n  yield additions[0]!;',
      'yield* additions;\n  yield removals[0]!;',
    ),
    noticedBy: byOut('a changed CNAME is in the difference'),
  },
  {
    what: 'a difference over UDP that does not fit is cut',
    rule: 'RFC 1995 §2',
    changes: change(
      ixfr,
      'if (udpOctets !== undefined) {\n      yield justSoa();\n      return;\n    }',
      'if (udpOctets !== undefined) break;',
    ),
    noticedBy: byOut('over UDP, when it does not fit'),
  },
  {
    what: 'the whole zone is sent over UDP',
    rule: 'RFC 1995 §2',
    changes: change(
      ixfr,
      'if (udpOctets !== undefined) yield justSoa();\n    else yield*',
      'yield*',
    ),
    noticedBy: byOut('over UDP the whole zone is never sent'),
  },
  {
    what: 'a peer that reads one message only gets two',
    rule: 'RFC 1995 §4',
    changes: change(ixfr, 'if (oneMessage === true) {', 'if (oneMessage === undefined) {'),
    noticedBy: byOut('a peer that reads one message only'),
  },
  {
    what: 'EXPIRE is not answered',
    rule: 'RFC 7314 §3',
    changes: change(
      query,
      'wanted && expireSeconds !== undefined ?',
      'wanted && expireSeconds === -1 ?',
    ),
    noticedBy: byOut('EDNS is answered in the first message, with EXPIRE'),
  },
  {
    what: 'IXFR without a SOA is taken for one from 0',
    rule: 'RFC 1995 §3',
    changes: change(
      query,
      'if (soa === undefined || !equalNames(soa.owner, zone)) return { rcode: Rcode.FORMERR };',
      "if (soa === undefined || !equalNames(soa.owner, zone)) return { kind: 'ixfr', zone, serial: 0, udpOctets, message };",
    ),
    noticedBy: byOut('queries that cannot be answered'),
  },
];

export const historyDefects: readonly Defect[] = [
  {
    what: 'steps are put together by union: what one adds and a later one removes stays',
    rule: 'RFC 1995 §4',
    changes: change(
      zoneChange,
      '} else if (isSame(holder.record, record)) {\n      holder.after = after;',
      '} else if (isSame(holder.record, record)) {\n      holder.after = after ?? holder.after;',
    ),
    noticedBy: byIn('what one step adds and the next deletes is not there'),
  },
  {
    what: 'what one step removes and a later one adds is gone',
    rule: 'RFC 1995 §4',
    changes: change(
      zoneChange,
      '} else if (isSame(holder.record, record)) {\n      holder.after = after;',
      '} else if (isSame(holder.record, record)) {\n      if (after === undefined) holder.after = after;',
    ),
    noticedBy: byIn('what one step deletes and the next adds is there'),
  },
  {
    what: 'a TTL that changed alone is not in a difference',
    rule: 'RFC 2181 §5.2',
    changes: change(
      zoneChange,
      'before === after?.ttlSeconds) continue;',
      '(before === undefined) === (after === undefined)) continue;',
    ),
    noticedBy: byChange('is the same as applying them in order'),
  },
  {
    what: 'a difference begins with the SOA of a version in between',
    rule: 'RFC 1995 §4',
    changes: change(
      zoneChange,
      'const removals: ZoneRecord[] = [first.removals[0]!];',
      'const removals: ZoneRecord[] = [last.removals[0]!];',
    ),
    noticedBy: byChange('what is added and then deleted is not there'),
  },
  {
    what: 'the difference between two whole zones does not see a TTL that changed alone',
    rule: 'RFC 2181 §5.2',
    changes: change(
      difference,
      'if (gone.get(key)?.ttlSeconds === record.ttlSeconds) gone.delete(key);',
      'if (gone.has(key)) gone.delete(key);',
    ),
    noticedBy: noticer(server('zone-history/zone-difference.test.ts'))('another TTL'),
  },
  {
    what: 'the difference between two whole zones does not see names that went',
    rule: 'RFC 1995 §4',
    changes: change(
      difference,
      'removals.push(...old.records(reference).values());',
      'removals.push(...[...old.records(reference).values()].slice(0, 0));',
    ),
    noticedBy: noticer(server('zone-history/zone-difference.test.ts'))(
      'makes the one zone of the other',
    ),
  },
  {
    what: 'a history with a gap is condensed across it',
    rule: 'RFC 1995 §5',
    changes: change(
      history,
      'if (last !== undefined && last.toSerial !== change.fromSerial) this.clear();',
      '',
    ),
    noticedBy: byChange('forgets what leads nowhere'),
    crashes: true,
  },
  {
    what: 'a difference that was made before is sent after another change',
    rule: 'RFC 1995 §4',
    changes: change(
      history,
      'add(change: ZoneChange, zoneOctets: number): void {\n    this.#remembered.clear();',
      'add(change: ZoneChange, zoneOctets: number): void {',
    ),
    noticedBy: byChange('gives what happened since a serial it knows'),
  },
];

export const incomingDefects: readonly Defect[] = [
  {
    what: 'messages behind the first must have the question',
    rule: 'RFC 5936 §2.2.2',
    changes: change(
      incoming,
      'questions > 1 || (questions === 0 && this.#messages === 0)',
      'questions !== 1',
    ),
    noticedBy: byIn('three messages, those behind the first without question'),
  },
  {
    what: 'the id of a message is not looked at',
    rule: 'RFC 5936 §2.2.1',
    changes: change(
      incoming,
      'if (word(0) !== id || (message[2]! & 0xf8) !== 0x80)',
      'if ((word(0) & 0) !== (id & 0) || (message[2]! & 0xf8) !== 0x80)',
    ),
    noticedBy: byIn('another id'),
  },
  {
    what: 'a zone that was cut off is taken for whole',
    rule: 'RFC 5936 §2.2, §6',
    changes: change(
      incoming,
      "return this.#outcome ?? this.#fail('transfer.cut-short', codes['transfer.cut-short']);",
      "if (this.#outcome === undefined && this.#shape === 'zone') return (this.#outcome = this.#finish());\n    return this.#outcome ?? this.#fail('transfer.cut-short', codes['transfer.cut-short']);",
    ),
    noticedBy: byIn('an end before its time'),
  },
  {
    what: 'a transfer ends at the first SOA that comes again, whatever its serial',
    rule: 'RFC 5936 §2.2',
    changes: change(
      incoming,
      "if (serial !== this.#serial) throw new Fault('transfer.serial');",
      '',
    ),
    noticedBy: byIn('a last SOA with another serial'),
  },
  {
    what: 'a version that is older than ours is taken',
    rule: 'RFC 1982 §3.2',
    changes: change(
      incoming,
      'return ours === undefined || isNewer(this.#serial, ours);',
      'return ours === undefined || this.#serial !== ours;',
    ),
    noticedBy: byIn('an older zone'),
  },
  {
    what: 'serials of transfers are compared as plain numbers',
    rule: 'RFC 1982 §3.2',
    changes: change(
      incoming,
      'return ours === undefined || isNewer(this.#serial, ours);',
      'return ours === undefined || this.#serial > ours;',
    ),
    noticedBy: byIn('a serial that went over the end of its circle'),
  },
  {
    what: 'two serials that are as far apart as can be are newer than each other',
    rule: 'RFC 1982 §3.2',
    changes: change(
      incoming,
      'return ((serial - than) | 0) > 0;',
      'return serial !== than && ((serial - than) >>> 0) <= 2 ** 31;',
    ),
    noticedBy: byIn('a zone as far away as serials can be'),
  },
  {
    what: 'an answer to IXFR that is the whole zone is not understood',
    rule: 'RFC 1995 §4',
    changes: change(
      incoming,
      "if (this.#shape === 'second') this.#beginZone();",
      "if (this.#shape === 'second' && this.#request.kind === 'ixfr') throw new Fault('transfer.soa');\n      if (this.#shape === 'second') this.#beginZone();",
    ),
    noticedBy: byIn('the whole zone'),
  },
  {
    what: 'only the last step of a chain is done',
    rule: 'RFC 1995 §4',
    changes: change(
      incoming,
      'change: condense(this.#steps),',
      'change: condense(this.#steps.slice(-1)),',
    ),
    noticedBy: byIn('what one step adds and the next deletes is not there'),
  },
  {
    what: 'steps that do not follow from each other are done',
    rule: 'RFC 1995 §4',
    changes: change(
      incoming,
      "if (serial !== toSerial || !leadsOn) throw new Fault('transfer.serial');",
      '',
    ),
    noticedBy: byIn('steps that go back'),
  },
  {
    what: 'a difference is read in its first message alone',
    rule: 'RFC 1995 §4',
    changes: change(
      incoming,
      "if (this.#request.transport === 'tcp') return undefined;",
      "if (this.#request.transport === 'tcp' && this.#removals.length === 0) return undefined;",
    ),
    noticedBy: byIn('one step, a record a message'),
  },
  {
    what: 'one SOA over UDP is taken for “nothing newer”',
    rule: 'RFC 1995 §2',
    changes: change(
      incoming,
      "if (this.#shape === 'second') return { kind: 'use-tcp' };",
      "if (this.#shape === 'second') return { kind: 'up-to-date', serial: this.#serial, expireSeconds: undefined };",
    ),
    noticedBy: byIn('one newer SOA over UDP'),
  },
  {
    what: 'names outside the zone are taken in',
    rule: 'RFC 5936 §3.5',
    changes: change(incoming, 'if (!this.#inZone) this.#outside++;\n      else if', 'if'),
    noticedBy: byIn('records outside the zone are left out'),
  },
  {
    what: 'an answer need not be signed to its end',
    rule: 'RFC 8945 §5.3.1',
    changes: change(
      incoming,
      'if (this.#verifier?.mayEnd() === false)',
      'if (this.#verifier === null)',
    ),
    noticedBy: byIn('each message is verified before it is looked at'),
  },
  {
    what: 'messages are not verified before they are read',
    rule: 'RFC 8945 §5.3.1',
    changes: change(
      incoming,
      "if (!verified.ok) throw new Fault('transfer.signature', verified.code);\n      message = verified.message;",
      'if (verified.ok) message = verified.message;',
    ),
    noticedBy: byIn('each message is verified before it is looked at'),
  },
  {
    what: 'EXPIRE in a transfer is not read',
    rule: 'RFC 7314 §4',
    changes: change(incoming, 'if (this.#messages === 1) this.#readOpt(message);', ''),
    noticedBy: byIn('EXPIRE in the first message'),
  },
  {
    what: 'a difference that is for another version is done as far as it goes',
    rule: 'RFC 1995 §4',
    changes: change(
      apply,
      'const prepared = prepareChanges(image, apexName, removals, additions, sha1, true);',
      'const prepared = prepareChanges(image, apexName, removals, additions, sha1, false);',
    ),
    noticedBy: byIn('a step that deletes what is not here'),
  },
  {
    what: 'a zone that was transferred counts as expired as the one before it was',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      server('secondary/secondary-zone.ts'),
      "if (state.expired && !expired) outputs.push({ type: 'restored' });",
      '',
    ),
    noticedBy: simulation,
  },
];
