/** Defects in what an update does (RFC 2136). */
import { change, type Defect, dns, noticer, server } from './defect.ts';

const prerequisites = server('update/prerequisites.ts');
const section = server('update/update-section.ts');
const update = server('update/update.ts');
const contents = server('update/zone-contents.ts');

const by = noticer(server('update/update.test.ts'));

export const updateDefects: readonly Defect[] = [
  {
    what: 'an empty non-terminal counts as a name in use',
    rule: 'RFC 2136 §2.4.4, RFC 4592 §2.2.2',
    changes: change(
      contents,
      'const first = firstRrsetWord(words, head);',
      "const first = firstRrsetWord(words, head);\n    if ((info & 0xffff) === 0) contents.set('', { owner, type: 0, ttlSeconds: 0, rdata: new Uint8Array(0) });",
    ),
    noticedBy: by('an empty non-terminal satisfies “not in use”'),
  },
  {
    what: 'a wildcard above satisfies a prerequisite',
    rule: 'RFC 2136 §3.2',
    changes: change(
      prerequisites,
      'contents.at(record.owner), wanted)',
      'contents.at(record.owner).size > 0 ? contents.at(record.owner) : contents.at(Uint8Array.of(1, 0x2a, ...record.owner.subarray(record.owner[0]! + 1))), wanted)',
    ),
    noticedBy: by('a wildcard above does not make a name used'),
  },
  {
    what: 'values asked for are compared record by record, so that two of a set never match',
    rule: 'RFC 2136 §3.2.3',
    changes: change(
      prerequisites,
      'wanted.set(key, set);',
      'if (!hasExactly(present, type, new Set([canonicalKey(type, rdata)]))) return Rcode.NXRRSET;',
    ),
    noticedBy: by('both values'),
  },
  {
    what: 'a set with one value too many matches',
    rule: 'RFC 2136 §2.4.2',
    changes: change(
      prerequisites,
      'if (!keys.has(key)) return false;',
      'if (!keys.has(key)) continue;',
    ),
    noticedBy: by('one value of two'),
  },
  {
    what: 'a set with one value too few matches',
    rule: 'RFC 2136 §2.4.2',
    changes: change(prerequisites, 'return found === keys.size;', 'return true;'),
    noticedBy: by('one value too many'),
  },
  {
    what: 'names in values compare with case',
    rule: 'RFC 2136 §1.1.1',
    changes: change(contents, 'recordTypeOf(type).canonical(rdata).toHex()', 'rdata.toHex()'),
    noticedBy: by('names in values compare without case'),
  },
  {
    what: 'a prerequisite with a TTL is taken',
    rule: 'RFC 2136 §3.2.5',
    changes: change(prerequisites, 'if (record.ttlSeconds !== 0) return Rcode.FORMERR;', ''),
    noticedBy: by('a TTL in “two ANY ANY” is malformed'),
  },
  {
    what: 'a prerequisite may be of a name outside the zone',
    rule: 'RFC 2136 §3.2.5',
    changes: change(
      prerequisites,
      'if (!isSubdomain(record.owner, apexName)) return Rcode.NOTZONE;',
      '',
    ),
    noticedBy: by('a name outside the zone'),
  },
  {
    what: 'the last failure decides, not the first',
    rule: 'RFC 2136 §3.2.5',
    changes: change(
      prerequisites,
      'for (const record of prerequisites) {',
      'for (const record of prerequisites.toReversed()) {',
    ),
    noticedBy: by('the first failure decides'),
  },
  {
    what: 'removing one CNAME does not look at its target',
    rule: 'RFC 2136 §3.4.2.4',
    changes: change(
      section,
      'draft.remove(type, rdata);',
      'if (type === CNAME) draft.removeWhere((other) => other.type === type);\n  else draft.remove(type, rdata);',
    ),
    noticedBy: by('an alias with another target stays'),
  },
  {
    what: 'removing the SOA by its value leaves a zone without one',
    rule: 'RFC 2136 §3.4.2.4',
    changes: change(
      section,
      'if (type === SOA || (apex && type === NS && draft.count(NS) === 1)) return;',
      'if (apex && type === NS && draft.count(NS) === 1) return;',
    ),
    noticedBy: by('the SOA cannot be removed'),
    crashes: true,
  },
  {
    what: 'a CNAME beside other data rejects the whole message',
    rule: 'RFC 2136 §3.4.2.2',
    changes: change(
      update,
      'applyUpdates(updates, apexName, draft);',
      "if (updates.some((one) => one.class === 1 && one.type === 5 && [...contents.at(one.owner).values()].some(({ type }) => type !== 5)))\n    return refusal(Rcode.YXRRSET, 'a CNAME beside other data');\n  applyUpdates(updates, apexName, draft);",
    ),
    noticedBy: by('a CNAME beside other data is skipped, the rest is done'),
  },
  {
    what: 'data beside a CNAME are added',
    rule: 'RFC 2136 §3.4.2.2',
    changes: change(
      section,
      '} else if (draft.count(CNAME) > 0 && !besideCname.has(type)) return;',
      '}',
    ),
    noticedBy: by('data beside a CNAME is skipped'),
  },
  {
    what: 'a SOA with a lower serial is taken, and the serial goes back',
    rule: 'RFC 2136 §3.4.2.2',
    changes: [
      ...change(section, '!(apex && raisesSerial(draft, rdata))', '!apex'),
      ...change(
        update,
        'if (isNewerSerial(serialOfSoa(present.rdata), serial)) return present;',
        'if (serialOfSoa(present.rdata) !== serial) return present;',
      ),
    ],
    noticedBy: by('a SOA that is not newer is skipped'),
  },
  {
    what: 'several SOAs of one message lead round to a serial that is not newer',
    rule: 'RFC 1982 §3.2',
    changes: change(
      update,
      'if (isNewerSerial(serialOfSoa(present.rdata), serial)) return present;',
      'if (serialOfSoa(present.rdata) !== serial) return present;',
    ),
    noticedBy: by('several SOAs of one message'),
  },
  {
    what: 'the serial that the update itself raised is raised again',
    rule: 'RFC 2136 §3.6',
    changes: change(
      update,
      'if (isNewerSerial(serialOfSoa(present.rdata), serial)) return present;',
      '',
    ),
    noticedBy: by('a newer SOA is taken with its serial'),
  },
  {
    what: 'the serial does not rise with a change',
    rule: 'RFC 2136 §3.6',
    changes: change(
      update,
      'soaWithSerial(present.rdata, nextSerial(serial))',
      'soaWithSerial(present.rdata, serial)',
    ),
    noticedBy: by('random updates'),
  },
  {
    what: 'no change makes a new serial',
    rule: 'RFC 2136 §3.6',
    changes: change(
      update,
      'if (removals.length === 0 && additions.length === 0)\n    return { rcode: 0, change: undefined, contents };',
      '',
    ),
    noticedBy: by('a record that is there already'),
  },
  {
    what: 'the serial after the last is 0',
    rule: 'RFC 2136 §3.6',
    changes: change(dns('serial.ts'), 'return next === 0 ? 1 : next;', 'return next;'),
    noticedBy: by('the serial goes over the end of its circle'),
  },
  {
    what: 'a TTL that changes alone is no change',
    rule: 'RFC 2181 §5.2',
    changes: change(
      contents,
      'a?.ttlSeconds === b.ttlSeconds && equalOctets(a.rdata, b.rdata)',
      'a !== undefined && equalOctets(a.rdata, b.rdata)',
    ),
    noticedBy: by('a record that is there already, with another TTL'),
  },
  {
    what: 'an RRset has as many TTLs as it has records',
    rule: 'RFC 2181 §5.2',
    changes: change(
      contents,
      'const ttlSeconds = this.#ttls?.get(record.type) ?? record.ttlSeconds;',
      'const { ttlSeconds } = record;',
    ),
    noticedBy: by('a further record gives its TTL to the others'),
  },
  {
    what: 'what goes is done before what comes, whatever the order of the message',
    rule: 'RFC 2136 §3.4.2',
    changes: change(
      update,
      'applyUpdates(updates, apexName, draft);',
      'applyUpdates(updates.toSorted((a, b) => b.class - a.class), apexName, draft);',
    ),
    noticedBy: by('in the order of the message'),
  },
  {
    what: 'SOA and NS of the apex go with the rest of the name',
    rule: 'RFC 2136 §3.4.2.3',
    changes: change(
      section,
      '(type === ANY || other.type === type) && !(apex && (other.type === SOA || other.type === NS)),',
      '(type === ANY || other.type === type) && !(apex && other.type === SOA),',
    ),
    noticedBy: by('at the apex SOA and NS survive'),
  },
  {
    what: 'the last NS of the apex goes',
    rule: 'RFC 2136 §3.4.2.4',
    changes: change(
      section,
      'if (type === SOA || (apex && type === NS && draft.count(NS) === 1)) return;',
      'if (type === SOA) return;',
    ),
    noticedBy: by('the last NS of the apex survives'),
  },
  {
    what: 'a name outside the zone is changed',
    rule: 'RFC 2136 §3.4.1',
    changes: change(section, 'if (!isSubdomain(record.owner, apexName)) return Rcode.NOTZONE;', ''),
    noticedBy: by('a name outside the zone: nothing is applied'),
  },
  {
    what: 'the update section is looked over only as far as it is applied',
    rule: 'RFC 2136 §3.4.1',
    changes: change(section, 'if (!wellFormed) return Rcode.FORMERR;', 'if (!wellFormed) break;'),
    noticedBy: by('a removal of a question’s type: nothing is applied'),
  },
  {
    what: 'an update whose prerequisites fail is done all the same',
    rule: 'RFC 2136 §3.2',
    changes: change(
      update,
      "if (judged !== Rcode.NOERROR) return refusal(judged, 'a prerequisite does not hold');",
      '',
    ),
    noticedBy: by('a prerequisite that fails leaves all as it is'),
  },
];
