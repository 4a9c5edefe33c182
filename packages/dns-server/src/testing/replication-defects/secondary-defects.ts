/** Defects in keeping copies: when to ask, when to give up, and what to believe (RFC 1034 §4.3.5, RFC 7314). */
import { change, type Defect, noticer, server, simulation } from './defect.ts';

const zone = server('secondary/secondary-zone.ts');
const times = server('secondary/refresh-times.ts');
const set = server('secondary/secondary.ts');
const messages = server('secondary/primary-messages.ts');

const by = noticer(server('secondary/secondary-zone.test.ts'));
const bySet = noticer(server('secondary/secondary.test.ts'));
const byMessages = noticer(server('secondary/primary-messages.test.ts'));

export const secondaryDefects: readonly Defect[] = [
  {
    what: 'expire counts from the last question, and so hardly ever comes',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      zone,
      'return { ...state, activity, lastToken: token, lastStart: now, again: false };',
      'const expireAt = state.facts === undefined ? state.expireAt : now + state.facts.expireSeconds * 1000;\n  return { ...state, expireAt, activity, lastToken: token, lastStart: now, again: false };',
    ),
    noticedBy: simulation,
  },
  {
    what: 'a copy never expires',
    rule: 'RFC 1034 §4.3.5',
    changes: [
      ...change(
        zone,
        'if (!state.expired && now >= state.expireAt) {',
        'if (!state.expired && now >= Number.POSITIVE_INFINITY) {',
      ),
      ...change(
        zone,
        'state.expired ? Number.POSITIVE_INFINITY : state.expireAt,',
        'Number.POSITIVE_INFINITY,',
      ),
    ],
    noticedBy: simulation,
  },
  {
    what: 'a copy that has expired is never asked for again',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      zone,
      'state = { ...state, expired: true };',
      'state = { ...state, expired: true, nextAt: Number.POSITIVE_INFINITY };',
    ),
    noticedBy: by('is exact, counted from the last success'),
  },
  {
    what: 'a copy that has expired is forgotten with all that is known of it',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      zone,
      'state = { ...state, expired: true };',
      'state = { ...state, expired: true, facts: undefined };',
    ),
    noticedBy: by('a restart after it expired'),
  },
  {
    what: 'a copy expires once, and not again after it came back',
    rule: 'RFC 1034 §4.3.5',
    changes: change(zone, 'expired: state.expired && expired,', 'expired: state.expired,'),
    noticedBy: simulation,
  },
  {
    what: 'retries come more slowly with each, by as much again, and without an end',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      times,
      'const seconds = Math.min(base * 2 ** Math.min(failures - 1, 20), limit);',
      'const seconds = Math.min(base * failures, limit * 1e6);',
    ),
    noticedBy: by('retry: doubled with each round'),
  },
  {
    what: 'a transfer that brought nothing newer is tried every three seconds for ever',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      times,
      'const seconds = Math.min(base * 2 ** Math.min(failures - 1, 20), limit);',
      'const seconds = Math.min(3, base * failures, limit);',
    ),
    noticedBy: by('is told, is no success, and settles'),
  },
  {
    what: 'a serial that went back is fetched whole, again and again',
    rule: 'RFC 1034 §4.3.5, RFC 1982 §3.2',
    changes: change(
      zone,
      'if (facts === undefined || isNewerSerial(outcome.serial, facts.serial)) {',
      'if (facts === undefined || outcome.serial !== facts.serial) {',
    ),
    noticedBy: by('is told, is no success, and settles'),
  },
  {
    what: 'AXFR follows a transfer that was not newer',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      zone,
      "const worthAxfr = event === 'failed' && code !== unreachable;",
      'const worthAxfr = code !== unreachable;',
    ),
    noticedBy: by('as a transfer that is not newer: the same'),
  },
  {
    what: 'serials are compared as plain numbers',
    rule: 'RFC 1982 §3.2',
    changes: change(times, 'return ((serial - than) | 0) > 0;', 'return serial > than;'),
    noticedBy: simulation,
  },
  {
    what: 'what is newer is not fetched before somebody says so',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      zone,
      'nextAt: now + Math.min(refreshMs(facts), beforeExpiryMs(expireAt - now)),',
      'nextAt: now + 1e12,',
    ),
    noticedBy: simulation,
  },
  {
    what: 'a zone may ask for a refresh every second',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      times,
      'return Math.min(Math.max(refreshSeconds, least), most) * 1000;',
      'return Math.min(Math.max(refreshSeconds, least * 0), most) * 1000;',
    ),
    noticedBy: by('times of the SOA are held within bounds'),
  },
  {
    what: 'one NOTAUTH drops a zone',
    rule: 'RFC 2136 §3.1.2',
    changes: [
      ...change(zone, 'export const notAuthRounds = 3;', 'export const notAuthRounds = 1;'),
      ...change(zone, 'export const notAuthMs = 3_600_000;', 'export const notAuthMs = 0;'),
    ],
    noticedBy: by('once changes nothing'),
  },
  {
    what: 'NOTAUTH drops a zone that is configured',
    rule: 'RFC 2136 §3.1.2',
    changes: change(zone, 'state.addedBy !== undefined &&\n', 'state.zone !== undefined &&\n'),
    noticedBy: by('several times over an hour drops a zone that was added, and only such'),
  },
  {
    what: 'NOTAUTH that anybody may have sent drops a zone',
    rule: 'RFC 8945 §5.3.2',
    changes: change(
      zone,
      'const notAuth = rcode === Rcode.NOTAUTH && signed;',
      'const notAuth = rcode === Rcode.NOTAUTH;',
    ),
    noticedBy: by('several times over an hour drops a zone that was added, and only such'),
  },
  {
    what: 'NOTAUTH of one primary of two drops a zone',
    rule: 'RFC 2136 §3.1.2',
    changes: change(
      zone,
      'const allNotAuth = activity.allNotAuth && notAuth;',
      'const allNotAuth = activity.allNotAuth || notAuth;',
    ),
    noticedBy: by('several times over an hour drops a zone that was added, and only such'),
  },
  {
    what: 'IXFR that fails is tried again as IXFR',
    rule: 'RFC 1995 §4',
    changes: change(
      zone,
      "if (activity.kind === 'ixfr' && worthAxfr) return retry(state, activity, 'axfr', now, outputs);",
      '',
    ),
    noticedBy: by('comes by AXFR when IXFR does not work'),
  },
  {
    what: 'the second primary is never asked',
    rule: 'RFC 1034 §4.3.5',
    changes: change(zone, 'if (activity.tried < primaries.length) {', 'if (activity.tried < 1) {'),
    noticedBy: by('several primaries are tried in turn'),
  },
  {
    what: 'time that passed while nobody ran does not count',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      zone,
      'facts === undefined ? 0 : Math.max(0, wallSeconds - facts.confirmedAt) * 1000;',
      'facts === undefined ? 0 : Math.min(0, wallSeconds * 0);',
    ),
    noticedBy: by('a restart: time that passed counts'),
  },
  {
    what: 'a wall clock that went back lets a copy live longer',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      zone,
      'Math.max(0, wallSeconds - facts.confirmedAt) * 1000;',
      '(wallSeconds - facts.confirmedAt) * 1000;',
    ),
    noticedBy: by('a wall clock that went back counts as no time'),
  },
  {
    what: 'a copy of a copy lives as long as its SOA says, whatever the primary has left',
    rule: 'RFC 7314 §4',
    changes: change(
      zone,
      'const goodForSeconds = Math.min(soa.expireSeconds, expireSeconds ?? soa.expireSeconds);',
      'const goodForSeconds = soa.expireSeconds;',
    ),
    noticedBy: by('EXPIRE (RFC 7314 §4)'),
  },
  {
    what: 'a confirmation grants as much as the SOA says, whatever the primary has left',
    rule: 'RFC 7314 §4',
    changes: change(
      zone,
      'const granted = Math.min(facts.expireSeconds, outcome.expireSeconds ?? facts.expireSeconds);',
      'const granted = facts.expireSeconds;',
    ),
    noticedBy: by('EXPIRE (RFC 7314 §4)'),
  },
  {
    what: 'EXPIRE makes a copy live longer than its SOA says',
    rule: 'RFC 7314 §4',
    changes: change(
      zone,
      'const goodForSeconds = Math.min(soa.expireSeconds, expireSeconds ?? soa.expireSeconds);',
      'const goodForSeconds = expireSeconds ?? soa.expireSeconds;',
    ),
    noticedBy: by('EXPIRE (RFC 7314 §4)'),
  },
  {
    what: 'a confirmation takes away what is left',
    rule: 'RFC 7314 §4',
    changes: change(
      zone,
      'const expireAt = Math.max(now + granted * 1000, state.expireAt);',
      'const expireAt = now + granted * 1000;',
    ),
    noticedBy: by('EXPIRE (RFC 7314 §4)'),
  },
  {
    what: 'an answer to another question is believed',
    rule: 'RFC 5452 §9.1',
    changes: change(messages, '    id === asked &&\n', '    asked >= 0 && id >= 0 &&\n'),
    noticedBy: byMessages('another id'),
  },
  {
    what: 'a server without authority is believed',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      messages,
      'if (record === undefined || !message.flags.aa)',
      'if (record === undefined)',
    ),
    noticedBy: byMessages('not authoritative'),
  },
  {
    what: 'what was cancelled is believed when it completes',
    rule: 'RFC 1034 §4.3.5',
    changes: change(
      zone,
      'if (input.token !== state.activity?.token) return advance(state, now, []);',
      'if (state.activity === undefined) return advance(state, now, []);',
    ),
    noticedBy: by('what completes late, or twice, changes nothing'),
  },
  {
    what: 'an operator who wants whatever there is gets only what is newer',
    rule: 'RFC 1982 §7',
    changes: change(
      zone,
      'const serial = state.forced ? undefined : state.facts?.serial;',
      'const serial = state.facts?.serial;',
    ),
    noticedBy: by('is taken when the operator says so'),
  },
  {
    what: 'one primary that hangs holds up all transfers',
    rule: 'RFC 5936 §4.1',
    changes: change(
      set,
      'export const maxTransfersFromPrimary = 4;',
      'export const maxTransfersFromPrimary = 10;',
    ),
    noticedBy: bySet('transfers from one primary, and from all'),
  },
  {
    what: 'a transfer that never ends is waited for for ever',
    rule: 'RFC 5936 §4.1',
    changes: change(
      set,
      "this.#deadlines.set(slot, now + (start.type === 'transfer' ? transferMs : soaQueryMs));",
      "if (start.type !== 'transfer') this.#deadlines.set(slot, now + soaQueryMs);",
    ),
    noticedBy: bySet('a transfer that never ends is ended'),
  },
  {
    what: 'queries do not ask for EXPIRE',
    rule: 'RFC 7314 §2',
    changes: change(
      messages,
      'const options = [expire.encode({ seconds: undefined })];',
      'const options = [expire.encode({ seconds: undefined })].slice(1);',
    ),
    noticedBy: byMessages('queries for transfers are read as such, and ask for EXPIRE'),
  },
];
