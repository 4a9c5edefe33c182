/**
 * Keys that some pairs of servers share (RFC 8945). Between those nothing counts that is not signed with
 * theirs, so that the network may change what it likes there.
 */
import { Rcode } from '@riad/dns/iana/rcodes';
import { decodeMessage, type Message } from '@riad/dns/message';
import { formatName, parseName } from '@riad/dns/name';
import { type Hmac, hmacAlgorithms } from '@riad/dns/tsig/hmac';
import { refuseRequest } from '@riad/dns/tsig/refusal';
import { signRequest, signResponse } from '@riad/dns/tsig/sign';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { type SignedRequest, verifyRequest } from '@riad/dns/tsig/verify-request';
import { verifyResponse } from '@riad/dns/tsig/verify-response';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Random } from '@riad/octets/testing/random';
import { errorResponse, questionEndOf } from '../../requests/error-response.ts';

/** Nobody here tries to forge one, so that any function of key and octets does; HMAC itself has tests of its own. */
export const quickHmac: Hmac = (algorithm, secret, parts) => {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (const octets of [secret, ...parts]) {
    for (let i = 0; i < octets.length; i++) {
      a = Math.imul(a ^ octets[i]!, 0x01000193);
      b = Math.imul(b + octets[i]!, 0x85ebca6b) ^ (b >>> 13);
    }
  }
  const mac = new Uint8Array(hmacAlgorithms[algorithm].octets);
  for (let i = 0; i < mac.length; i++) {
    a = Math.imul(a ^ (b >>> 16), 0x27d4eb2f);
    b = Math.imul(b ^ (a >>> 15), 0x165667b1);
    mac[i] = a >>> 24;
  }
  return mac;
};

type Addressed = { readonly address: string };
export type WallClock = () => UnixSeconds;

export class LinkKeys {
  readonly #byLink = new Map<string, TsigKey>();
  readonly #byName = new Map<string, TsigKey>();

  share(a: Addressed, b: Addressed, random: Random): void {
    const name = parseName(`${linkOf(a, b)}.`);
    const algorithm = random.pick(['hmac-sha256', 'hmac-sha512'] as const);
    const key: TsigKey = { name, algorithm, secret: random.octets(32) };
    this.#byLink.set(linkOf(a, b), key);
    this.#byName.set(formatName(name), key);
  }

  between(a: Addressed, b: Addressed): TsigKey | undefined {
    return this.#byLink.get(linkOf(a, b));
  }

  /** What engines call it; undefined where there is none. */
  nameBetween(a: Addressed, b: Addressed): string | undefined {
    const key = this.between(a, b);
    return key && formatName(key.name);
  }

  named(name: string): TsigKey | undefined {
    return this.#byName.get(name);
  }
}

const links = new Map<string, string>();

/** The same for both directions; a label of a key as well. */
export function linkOf(a: Addressed, b: Addressed): string {
  const pair = `${a.address} ${b.address}`;
  const known = links.get(pair);
  if (known !== undefined) return known;
  const link = [a.address, b.address].sort().join('_').replaceAll('.', '-');
  links.set(pair, link);
  return link;
}

export type OpenedRequest = {
  readonly message: Message;
  readonly signed: SignedRequest | undefined;
  /** The response as it leaves. */
  readonly reply: (response: Uint8Array) => Uint8Array;
};

/** A request as the services take it; its refusal; undefined for what is not answered. */
export function openRequest(
  octets: Uint8Array,
  key: TsigKey | undefined,
  wall: WallClock,
): OpenedRequest | { readonly refusal: Uint8Array } | undefined {
  const verdict = verifyRequest(octets, () => (key === undefined ? [] : [key]), wall(), quickHmac);
  const refuse = (rcode: number): Uint8Array =>
    errorResponse({ octets, questionEnd: questionEndOf(octets), edns: false }, { rcode });
  if (verdict.kind === 'malformed') return undefined;
  if (verdict.kind === 'refused') {
    const response = refuse(Rcode.NOTAUTH);
    return { refusal: refuseRequest(response, verdict.refusal, wall(), quickHmac) };
  }
  if (verdict.kind === 'unsigned' && key !== undefined) return { refusal: refuse(Rcode.REFUSED) };
  const signed = verdict.kind === 'verified' ? verdict.request : undefined;
  const decoded = decodeMessage(verdict.kind === 'verified' ? verdict.message : octets);
  if (!decoded.ok) return undefined;
  return {
    message: decoded.value,
    signed,
    reply: (response) =>
      signed === undefined ? response : signResponse(response, signed, wall(), quickHmac).octets,
  };
}

/** A query as it leaves, and what takes the signature off its answer; undefined for one that does not count. */
export function sealQuery(
  query: Uint8Array,
  key: TsigKey | undefined,
  wall: WallClock,
): { readonly octets: Uint8Array; open(answer: Uint8Array): Uint8Array | undefined } {
  if (key === undefined) return { octets: query, open: (answer) => answer };
  const { octets, mac } = signRequest(query, key, wall(), quickHmac);
  return {
    octets,
    open: (answer) => {
      const verdict = verifyResponse(answer, { key, mac }, wall(), quickHmac);
      return verdict.kind === 'verified' ? verdict.message : undefined;
    },
  };
}
