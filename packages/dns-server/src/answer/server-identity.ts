/** Questions of class CHAOS: who the server is (RFC 4892). What is not configured is refused. */
import type { AnswerOptions } from './answer-options.ts';
import type { QueryState } from './query-state.ts';

const typeTxt = 16;
const rcodeRefused = 5;

const names = (...texts: string[]): Uint8Array[] =>
  texts.map((text) => {
    const labels = text.split('.');
    return Uint8Array.from(
      labels
        .flatMap((label) => [label.length, ...Array.from(label, (c) => c.charCodeAt(0))])
        .concat(0),
    );
  });
const identityNames: readonly Uint8Array[] = names('id.server', 'hostname.bind');
const versionNames: readonly Uint8Array[] = names('version.server', 'version.bind');

export function answerChaos(s: QueryState, options: AnswerOptions): void {
  const text = isOneOf(s, identityNames)
    ? options.nsid
    : isOneOf(s, versionNames)
      ? options.versionText
      : undefined;
  if (text === undefined || text.length === 0 || (s.type !== typeTxt && s.type !== 255)) {
    s.rcode = rcodeRefused;
    return;
  }
  const { octets, view, at } = s;
  const length = Math.min(text.length, 255);
  if (at + 13 + length > s.limit) {
    s.truncated = true;
    return;
  }
  view.setUint16(at, 0xc00c);
  view.setUint16(at + 2, typeTxt);
  view.setUint16(at + 4, 3); // class CHAOS
  view.setUint32(at + 6, 0);
  view.setUint16(at + 10, length + 1);
  octets[at + 12] = length;
  for (let i = 0; i < length; i++) octets[at + 13 + i] = text[i]!;
  s.at = at + 13 + length;
  s.answers = 1;
  s.authoritative = true;
}

function isOneOf(s: QueryState, candidates: readonly Uint8Array[]): boolean {
  for (let i = 0; i < candidates.length; i++) {
    const name = candidates[i]!;
    if (name.length !== s.soughtLength) continue;
    let j = 0;
    while (j < name.length && s.octets[s.name + j] === name[j]) j++;
    if (j === name.length) return true;
  }
  return false;
}
