/** Defects in telling secondaries of changes, and in being told (RFC 1996). */
import { change, type Defect, noticer, server } from './defect.ts';

const sender = server('notify/notify-sender.ts');
const message = server('notify/notify-message.ts');
const targets = server('notify/notify-targets.ts');
const registrations = server('notify/registrations.ts');
const zone = server('secondary/secondary-zone.ts');
const set = server('secondary/secondary.ts');

const by = noticer(server('notify/notify.test.ts'));
const byZone = noticer(server('secondary/secondary-zone.test.ts'));
const bySet = noticer(server('secondary/secondary.test.ts'));

export const notifyDefects: readonly Defect[] = [
  {
    what: 'NOTIFY is repeated though it was answered',
    rule: 'RFC 1996 §3.6',
    changes: change(
      sender,
      "this.#end(entry);\n    outputs.push({ type: 'settled', zone: entry.zone",
      "outputs.push({ type: 'settled', zone: entry.zone",
    ),
    noticedBy: by('an answer: acknowledged'),
  },
  {
    what: 'NOTIFY is repeated for ever',
    rule: 'RFC 1996 §3.6',
    changes: change(
      sender,
      'const gap = gapsSeconds[entry.sent];',
      'const gap = gapsSeconds[entry.sent] ?? 3600;',
    ),
    noticedBy: by('is repeated at 1, 2, 3'),
  },
  {
    what: 'an answer from another address ends NOTIFY',
    rule: 'RFC 1996 §3.6',
    changes: change(
      sender,
      'const entry = this.#entries.get(',
      'const entry = [...this.#entries.values()].find((each) => nameKey(each.zone) === nameKey(zone)) ?? this.#entries.get(',
    ),
    noticedBy: by('another address: nothing'),
  },
  {
    what: 'an answer to another NOTIFY ends this one',
    rule: 'RFC 1996 §3.6',
    changes: change(message, '    answer.id === id &&\n', ''),
    noticedBy: by('another id: nothing'),
  },
  {
    what: 'an unsigned answer ends a signed NOTIFY',
    rule: 'RFC 8945 §5.4',
    changes: change(
      sender,
      'entry.target.key !== undefined && !entry.copies.some((copy) => copy.verify(octets).ok)',
      'entry.target.key !== undefined && !entry.copies.some((copy) => copy.verify(octets).ok || octets.length > 0)',
    ),
    noticedBy: by('is signed anew each time'),
  },
  {
    what: 'copies are signed once, and are too old in the end',
    rule: 'RFC 8945 §5.2.3',
    changes: change(
      sender,
      'const signed = this.#sign(target.key, message);',
      'const signed = copies[0] ?? this.#sign(target.key, message);',
    ),
    noticedBy: by('is signed anew each time'),
  },
  {
    what: 'what was not answered yet goes on beside the news',
    rule: 'RFC 1996 §3.6',
    changes: change(sender, 'if (before !== undefined) this.#end(before);', ''),
    noticedBy: by('news replaces what was not answered'),
  },
  {
    what: 'a thousand zones are announced in one flood',
    rule: 'RFC 1996 §3.5',
    changes: change(sender, 'this.#free += 1000 / notifiesPerSecond;', ''),
    noticedBy: by('a thousand zones at once leave at a pace'),
  },
  {
    what: 'a connection that closed is told all the same',
    rule: 'RFC 1996 §3.6',
    changes: change(
      sender,
      "({ target }) => target.via === 'connection' && target.connection === input.connection,",
      "({ target }) => target.via === 'connection' && target.connection === -input.connection,",
    ),
    noticedBy: by('closing a connection, losing a key'),
  },
  {
    what: 'what waits for a key that was removed is sent all the same',
    rule: 'RFC 8945 §8',
    changes: change(sender, 'this.#drop(({ target }) => target.key === input.key);', ''),
    noticedBy: by('closing a connection, losing a key'),
  },
  {
    what: 'the primary itself is told',
    rule: 'RFC 1996 §2.1',
    changes: change(
      targets,
      'if (primary !== undefined && equalNames(server, primary)) continue;',
      '',
    ),
    noticedBy: by('name servers without the primary'),
  },
  {
    what: 'name servers below a zone cut are not told',
    rule: 'RFC 1996 §2.1',
    changes: change(
      targets,
      'if (other !== 0) return other === zone ? [] : addressesIn(image, other, name);',
      'if (other !== 0) return [];',
    ),
    noticedBy: by('name servers without the primary'),
  },
  {
    what: 'a peer with a key is told twice, the second time unsigned',
    rule: 'RFC 1996 §2.1',
    changes: change(
      targets,
      'if (own.has(address) || byAddress.has(address)) continue;',
      'if (own.has(address)) continue;',
    ),
    noticedBy: by('each once: with its key if it has one'),
  },
  {
    what: 'closing one connection unregisters the others of its address',
    rule: 'RFC 1996 §3',
    changes: change(
      registrations,
      'this.#connections.delete(connection);\n    this.#count -=',
      'this.#connections.clear();\n    this.#count -=',
    ),
    noticedBy: by('two connections from one address'),
  },
  {
    what: 'who registered for all zones does not hear of new ones',
    rule: 'RFC 1996 §3',
    changes: change(registrations, 'zones.get(name) ?? root;', 'zones.get(name);'),
    noticedBy: by('the root is every zone, also those that come later'),
  },
  {
    what: 'a key that was removed keeps its registrations',
    rule: 'RFC 8945 §8',
    changes: change(
      registrations,
      'if (registered.root === key) {',
      "if (registered.root === key && key === '') {",
    ),
    noticedBy: by('a key that goes takes its registrations along'),
  },
  {
    what: 'NOTIFY leaves without AA',
    rule: 'RFC 1996 §3.7',
    changes: change(
      message,
      'flags: { ...noFlags, aa: true },\n    questions: [{ name: zone',
      'flags: noFlags,\n    questions: [{ name: zone',
    ),
    noticedBy: by('the first copy: opcode, AA'),
  },
  {
    what: 'NOTIFY is answered without its question',
    rule: 'RFC 1996 §4.7',
    changes: change(
      message,
      'flags: { ...noFlags, qr: true, aa: rcode === Rcode.NOERROR },\n    questions,',
      'flags: { ...noFlags, qr: true, aa: rcode === Rcode.NOERROR },\n    questions: questions.slice(1),',
    ),
    noticedBy: by('is answered with its id, opcode and question'),
  },
  {
    what: 'NOTIFY from anybody is acted upon',
    rule: 'RFC 1996 §3.10',
    changes: change(
      set,
      'if (index === -1 && key === undefined) return answer(Rcode.REFUSED);',
      '',
    ),
    noticedBy: bySet('somebody else, unsigned'),
  },
  {
    what: 'an unsigned NOTIFY of a zone that is not here adds it',
    rule: 'RFC 1996 §3.10',
    changes: change(
      set,
      'const room =\n      key !== undefined &&\n      (this.#addedPerKey.get(key) ?? 0)',
      "const room =\n      (this.#addedPerKey.get(key ?? '') ?? 0)",
    ),
    noticedBy: bySet('of an unknown zone, unsigned'),
  },
  {
    what: 'a key may add any number of zones',
    rule: 'RFC 1996 §3.10',
    changes: change(
      set,
      '(this.#addedPerKey.get(key) ?? 0) < this.#settings.maxAddedPerKey &&',
      '',
    ),
    noticedBy: bySet('one key adds so many zones'),
  },
  {
    what: 'the serial in a NOTIFY is taken for a confirmation',
    rule: 'RFC 1996 §3.7',
    changes: change(
      zone,
      'if (known && !state.expired) return advance(state, now, []);',
      'if (known) return succeed(state, facts, now + facts.expireSeconds * 1000, now, []);',
    ),
    noticedBy: byZone('of what is here already, or older, asks nothing'),
  },
  {
    what: 'a NOTIFY in the middle of a transfer is forgotten',
    rule: 'RFC 1996 §4.4',
    changes: change(
      zone,
      'if (state.activity !== undefined) return { ...state, again: true };',
      'if (state.activity !== undefined) return state;',
    ),
    noticedBy: byZone('in the middle of a transfer queues exactly one more check'),
  },
  {
    what: 'a NOTIFY in the middle of a transfer that fails is forgotten',
    rule: 'RFC 1996 §4.4',
    changes: change(
      zone,
      'nextAt: now + pause,\n    again: false,\n  };\n  return advance(state.again ? soon(idle, now) : idle, now, outputs);',
      'nextAt: now + pause,\n    again: false,\n  };\n  return advance(idle, now, outputs);',
    ),
    noticedBy: byZone('in the middle of a transfer that fails'),
  },
  {
    what: 'a flood of NOTIFY makes a flood of queries',
    rule: 'RFC 1996 §4.4',
    changes: change(
      zone,
      'export const leastBetweenChecksMs = 1000;',
      'export const leastBetweenChecksMs = 0;',
    ),
    noticedBy: byZone('a flood asks once a second'),
  },
  {
    what: 'a connection for NOTIFY that was lost is not opened again',
    rule: 'RFC 1996 §3',
    changes: change(
      server('secondary/subscription.ts'),
      "outputs: [{ type: 'wake', at: openAt }],",
      'outputs: [],',
    ),
    noticedBy: bySet('that is cut is there again within seconds'),
  },
  {
    what: 'what was announced while a connection was lost is not asked for',
    rule: 'RFC 1996 §3',
    changes: change(
      server('secondary/subscription.ts'),
      "outputs: [{ type: 'refresh' }],",
      'outputs: [],',
    ),
    noticedBy: bySet('that is cut is there again within seconds'),
  },
  {
    what: 'a connection that cannot be made is tried without a pause',
    rule: 'RFC 1996 §3',
    changes: change(
      server('secondary/subscription.ts'),
      'const pause = Math.min(firstPauseMs * 2 ** Math.min(failures - 1, 20), mostPauseMs);',
      'const pause = failures > 0 ? firstPauseMs : mostPauseMs;',
    ),
    noticedBy: bySet('that cannot be made is tried less and less often'),
  },
];
