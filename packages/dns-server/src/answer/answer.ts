/**
 * The one answering function: a query as octets in the arena becomes an answer as octets in the arena.
 * Every transport calls it, and so do the tests. It allocates nothing and never throws.
 *
 * Not here: UPDATE, NOTIFY, transfers and signed messages (`outcome.notMine`), sockets, clocks.
 */
import type { Arena } from '@riad/octets/arena';
import { rangesHave } from '../access/address-ranges.ts';
import type { Sha1 } from '../zone-image/denial-index.ts';
import { leaveVersion, renewVersion } from '../zone-image/reader-slots.ts';
import type { AnswerOptions, AnswerPlaces } from './answer-options.ts';
import { type CookieSecrets, checkCookie } from './cookie.ts';
import { countedRcodes, counter } from './counters.ts';
import { optOctets, writeOpt } from './opt-record.ts';
import { parsed, parseQuery } from './parse-query.ts';
import { outcome, QueryState, transport } from './query-state.ts';
import { limitRate, verdict } from './rate-limit.ts';
import { resolve } from './resolve.ts';
import { answerChaos } from './server-identity.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const transportUdp = transport.udp;
const verdictSend = verdict.send;
const verdictDrop = verdict.drop;
const counterRateDropped = counter.rateDropped;
const counterRateTruncated = counter.rateTruncated;
const counterDropped = counter.dropped;
const counterRcodes = counter.rcodes;
const counterTruncated = counter.truncated;
const counterEdns = counter.edns;
const counterDnssecOk = counter.dnssecOk;
const counterCookies = counter.cookies;
const counterValidCookies = counter.validCookies;
const outcomeDrop = outcome.drop;
const outcomeNotMine = outcome.notMine;
const parsedMalformedQuestion = parsed.malformedQuestion;
const parsedMalformed = parsed.malformed;
const parsedWithoutQuestion = parsed.withoutQuestion;

const opcodeQuery = 0;
const opcodeNotify = 4;
const opcodeUpdate = 5;
const typeSoa = 6;
const typeIxfr = 251;
const typeAxfr = 252;
const rcodeFormerr = 1;
const rcodeNotimp = 4;
const rcodeRefused = 5;
const rcodeBadvers = 16;
const edeProhibited = 18; // RFC 8914 §4.19
const classIn = 1;
const classChaos = 3;

export class Answerer {
  readonly state: QueryState;
  readonly options: AnswerOptions;
  readonly cookies: CookieSecrets;
  /** The client may ask whatever its address: it has shown a key. To be set around one `answer`. */
  permitted = false;
  readonly #slot: number;
  readonly #places: AnswerPlaces;

  /** `slot`: a reader slot of its own. */
  constructor(
    arena: Arena,
    places: AnswerPlaces,
    slot: number,
    options: AnswerOptions,
    cookies: CookieSecrets,
    sha1: Sha1,
  ) {
    this.state = new QueryState(arena, places.scratch, sha1);
    this.options = options;
    this.cookies = cookies;
    this.#places = places;
    this.#slot = slot;
  }

  /**
   * Begins a batch: all its answers come from one version of all zones. To be called at least every
   * now and then, for the writer frees nothing that this reader may still see.
   */
  enter(): void {
    this.state.version = renewVersion(this.state.words, this.#slot, this.state.version);
  }

  /** Ends reading for good or for long; `enter` begins again. */
  leave(): void {
    this.state.version = 0;
    leaveVersion(this.state.words, this.#slot);
  }

  /**
   * Answers the query of `length` octets at `query`, writing to `out`, at most `room` octets. `client`:
   * octet of the client's address, `clientOctets` 4 or 16; where `askers` are listed it stands as
   * `rangesHave` wants it. Returns the length of the answer,
   * `outcome.drop` or `outcome.notMine`.
   */
  answer(
    query: number,
    length: number,
    out: number,
    room: number,
    via: number,
    client: number,
    clientOctets: number,
  ): number {
    const { words } = this.state;
    const counters = this.#places.counters;
    words[counters + via] = words[counters + via]! + 1; // counter.queriesUdp, …Tcp, …Tls
    let answered = this.#answer(query, length, out, room, via, client, clientOctets);
    if (answered > 0 && via === transportUdp) answered = this.#limit(answered);
    this.#count(answered);
    return answered;
  }

  /** Response rate limiting: only UDP can be forged, and who sends a valid cookie is who he says. */
  #limit(length: number): number {
    const s = this.state;
    const { rateLimit } = this.options;
    if (rateLimit.responsesPerSecond === 0 || s.cookieIsValid) return length;
    const { words } = s;
    const { rates, clock, counters } = this.#places;
    const found = limitRate(s, rateLimit, rates, words[clock]!);
    if (found === verdictSend) return length;
    const at = counters + (found === verdictDrop ? counterRateDropped : counterRateTruncated);
    words[at] = words[at]! + 1;
    if (found === verdictDrop) return outcomeDrop;
    // The question and TC, nothing else: smaller than what asked for it.
    s.answers = 0;
    s.authorities = 0;
    s.additionals = 0;
    s.truncated = true;
    s.edns = false;
    s.at = s.out + 12 + (s.nameLength === 0 ? 0 : s.nameLength + 4);
    return this.#end();
  }

  #count(answered: number): void {
    const s = this.state;
    const { words } = s;
    const { counters } = this.#places;
    if (answered === outcomeNotMine) return;
    if (answered <= 0) {
      words[counters + counterDropped] = words[counters + counterDropped]! + 1;
      return;
    }
    const rcode = counters + counterRcodes + Math.min(s.rcode, countedRcodes - 1);
    words[rcode] = words[rcode]! + 1;
    if (s.truncated) words[counters + counterTruncated] = words[counters + counterTruncated]! + 1;
    if (s.edns) words[counters + counterEdns] = words[counters + counterEdns]! + 1;
    if (s.dnssecOk) words[counters + counterDnssecOk] = words[counters + counterDnssecOk]! + 1;
    if (s.cookie !== 0) words[counters + counterCookies] = words[counters + counterCookies]! + 1;
    if (s.cookieIsValid)
      words[counters + counterValidCookies] = words[counters + counterValidCookies]! + 1;
  }

  #answer(
    query: number,
    length: number,
    out: number,
    room: number,
    via: number,
    client: number,
    clientOctets: number,
  ): number {
    const s = this.state;
    if (length < 12) return outcomeDrop; // no header, nobody to answer
    const flags = s.view.getUint16(query + 2);
    if ((flags & 0x8000) !== 0) return outcomeDrop; // RFC 1035 §4.1.1: an answer is never answered
    const opcode = (flags >>> 11) & 15;
    if (opcode === opcodeUpdate || opcode === opcodeNotify) return outcomeNotMine;
    s.query = query;
    s.queryEnd = query + length;
    s.flags = flags;
    s.opcode = opcode;
    s.out = out;
    s.transport = via;
    s.client = client;
    s.clientOctets = clientOctets;
    s.rcode = 0;
    s.authoritative = false;
    s.truncated = false;
    s.answers = 0;
    s.authorities = 0;
    s.additionals = 0;
    s.ownerPlace = 12;
    s.extendedError = -1;
    s.furtherError = -1;
    s.cookieIsValid = false;
    s.fromWildcard = false;
    s.zone = 0;
    const found = parseQuery(s);
    if (found === parsedMalformedQuestion) {
      s.nameLength = 0;
      s.edns = false;
      s.rcode = s.opcode === opcodeQuery ? rcodeFormerr : rcodeNotimp;
      return this.#finish(room);
    }
    if (s.cookie !== 0) checkCookie(s, this.cookies, s.words[this.#places.clock]!);
    if (s.opcode !== opcodeQuery) s.rcode = rcodeNotimp;
    else if (found === parsedMalformed) {
      s.edns = false;
      s.rcode = rcodeFormerr;
    } else if (s.ednsVersion > 0)
      s.rcode = rcodeBadvers; // RFC 6891 §6.1.3
    else if (found === parsedWithoutQuestion) s.rcode = 0;
    else return this.#answerQuery(room);
    return this.#finish(room);
  }

  #answerQuery(room: number): number {
    const s = this.state;
    const type = s.type;
    if (s.tsig !== 0 || type === typeIxfr || type === typeAxfr) return outcomeNotMine;
    // How long a copy is good, a worker does not know (RFC 7314 §3).
    if (s.expire && type === typeSoa) return outcomeNotMine;
    const { askers } = this.options;
    if (askers !== undefined && !this.permitted) {
      if (!rangesHave(askers, s.view, s.client, s.clientOctets)) {
        s.rcode = rcodeRefused;
        s.extendedError = edeProhibited;
        return this.#finish(room);
      }
    }
    // RFC 6895 §3.1: 128 to 255 are no data; of them only ANY is asked for here.
    if (type === 41 || (type >= 249 && type <= 250) || type === 0) s.rcode = rcodeFormerr;
    else if (type === 253 || type === 254)
      s.rcode = rcodeNotimp; // MAILB, MAILA: RFC 8906 §3.1.2 says withdrawn
    else if (s.klass === classIn) {
      this.#begin(room);
      resolve(s);
      return this.#end();
    } else if (s.klass === classChaos) {
      this.#begin(room);
      answerChaos(s, this.options);
      return this.#end();
    } else s.rcode = rcodeRefused;
    return this.#finish(room);
  }

  /** Copies the question and makes room for what comes last; the header follows at the end. */
  #begin(room: number): void {
    const s = this.state;
    const { octets, query, out, nameLength } = s;
    let most = room;
    if (s.transport === transportUdp) {
      most = Math.min(room, s.edns ? Math.min(s.udpPayloadOctets, this.options.maxUdpOctets) : 512);
    }
    const question = nameLength === 0 ? 0 : nameLength + 4;
    for (let i = 12; i < 12 + question; i++) octets[out + i] = octets[query + i]!;
    s.at = out + 12 + question;
    s.reserved = s.edns ? optOctets(s, this.options) : 0;
    s.limit = out + most - s.reserved;
  }

  #finish(room: number): number {
    this.#begin(room);
    return this.#end();
  }

  #end(): number {
    const s = this.state;
    const { view, out } = s;
    if (s.edns) writeOpt(s, this.options);
    view.setUint16(out, view.getUint16(s.query));
    const flags =
      0x8000 |
      (s.flags & 0x7900) | // opcode and RD as they came (RFC 1035 §4.1.1)
      (s.authoritative ? 0x0400 : 0) |
      (s.truncated ? 0x0200 : 0) |
      (s.flags & 0x0010) | // CD, RFC 4035 §3.2.2
      (s.rcode & 15);
    view.setUint16(out + 2, flags);
    view.setUint16(out + 4, s.nameLength === 0 ? 0 : 1);
    view.setUint16(out + 6, s.answers);
    view.setUint16(out + 8, s.authorities);
    view.setUint16(out + 10, s.additionals);
    return s.at - out;
  }
}
