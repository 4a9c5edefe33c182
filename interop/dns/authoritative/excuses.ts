/**
 * Where Riad may say something else than BIND, NSD and Knot although they say the same: a short list,
 * each with its reason. README.md has what the three themselves disagree on.
 */
import type { Departure } from './compare.ts';

/** The reason why a departure is none of Riad's faults; undefined if it is one. */
export function excuseOf({ comparison, section }: Departure): string | undefined {
  const own = comparison.answers.at(-1)!;
  const peers = comparison.answers.slice(0, -1);
  const split = (which: 'answer' | 'authority' | 'rcode'): boolean =>
    peers.some((peer) => peer[which] !== peers[0]![which]);
  if (
    own.tc === 'true' &&
    peers.some((peer) => peer.tc === 'true') &&
    section !== 'rcode' &&
    section !== 'aa'
  ) {
    // How much of it fits depends on how far names are compressed. Whole RRsets leave in any case, and
    // who sees TC asks again over TCP (RFC 2181 §9).
    return 'it is truncated, and not only here';
  }
  // They followed an alias to different ends, or one of them not at all. What they then happen to agree
  // on, or agree to leave out, says nothing.
  const early = section === 'rcode' || section === 'authority' || section === 'additional';
  if ((early && split('answer')) || (section === 'additional' && split('authority'))) {
    return 'the others did not answer alike before';
  }
  return undefined;
}
