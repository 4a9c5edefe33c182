/** Packs from the oldest to the newest, by what their first commits say: deltas then find what came before. */
import { type CommitObject, decodeCommit } from '../history/commit-object.ts';
import { type Pack, packTypes } from './pack.ts';
import { rawId } from './pack-index.ts';

/** Entries among which a pack of ours has its first commit. */
const searchedEntries = 4096;

export function fromOldest(packs: readonly Pack[]): Pack[] {
  const begun = packs.map((pack) => ({ pack, first: firstCommit(pack) }));
  begun.sort((a, b) => (a.first?.timeSeconds ?? 0) - (b.first?.timeSeconds ?? 0));
  const ordered: Pack[] = [];
  while (begun.length > 0) {
    // Several may have begun in the same second: one of them does not go on from any of the others.
    const time = begun[0]!.first?.timeSeconds;
    const same = begun.filter(({ first }) => first?.timeSeconds === time);
    const next =
      same.find(({ first }) => !same.some(({ pack }) => goesOn(first, pack))) ?? same[0]!;
    ordered.push(next.pack);
    begun.splice(begun.indexOf(next), 1);
  }
  return ordered;
}

function goesOn(first: CommitObject | undefined, { index }: Pack): boolean {
  return first?.parents.some((parent) => index.offset(rawId(parent)) !== undefined) ?? false;
}

function firstCommit(pack: Pack): CommitObject | undefined {
  const { index } = pack;
  const places = Uint32Array.from({ length: index.count }, (_, place) => place).sort(
    (a, b) => index.offsetAt(a) - index.offsetAt(b),
  );
  for (const place of places.subarray(0, searchedEntries)) {
    if (packTypes[pack.entry(index.offsetAt(place)).type] !== 'commit') continue;
    const id = index.idAt(place);
    const object = pack.get(id, () => undefined);
    return object && decodeCommit(object.content, id.toString('hex'));
  }
  return undefined;
}
