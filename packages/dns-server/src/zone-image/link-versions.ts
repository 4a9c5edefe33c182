/** The last step of a commit, which cannot fail: what was made becomes visible, and what it replaces is handed over. */
import { denialBlock, node, nodeVersion, nodeVersionFlag } from './layout.ts';
import type { NodeFate } from './node-fate.ts';
import { firstRrsetWord, nodeVersionBlockOctets } from './node-version.ts';
import { rrsetBlockOctets } from './rrset-encoder.ts';
import type { ZoneImage } from './zone-image.ts';

/**
 * Links every new element; readers of the present version step over them to the older ones. `pages`: of trees that
 * were replaced, each with its size.
 */
export function linkVersions(
  image: ZoneImage,
  fates: Iterable<NodeFate>,
  pages: readonly number[],
): void {
  const { writer, limbo } = image;
  const { words } = writer;
  for (let i = 0; i < pages.length; i += 2) limbo.retire(pages[i]!, pages[i + 1]!);
  for (const fate of fates) {
    const word = fate.reference * 2;
    if (fate.children !== 0)
      writer.put(word + node.children, words[word + node.children]! + fate.children);
    if (fate.made === 0) continue;
    const head = words[word + node.head]!;
    writer.put(fate.made * 2 + nodeVersion.older, head);
    writer.publish(word + node.head, fate.made);
    limbo.settle(fate.made);
    if (head !== 0) retireVersion(image, head, fate.made);
  }
}

/** Hands a replaced element over with its RRsets, and its denial block unless the new one has it too. */
function retireVersion({ writer, limbo }: ZoneImage, old: number, made: number): void {
  const { words } = writer;
  const info = words[old * 2 + nodeVersion.info]!;
  const first = firstRrsetWord(words, old);
  for (let i = 0; i < (info & 0xffff); i++) {
    const reference = words[first + i]!;
    limbo.retire(reference, rrsetBlockOctets(words, reference));
  }
  if ((info & nodeVersionFlag.hashed) !== 0) {
    const block = words[old * 2 + nodeVersion.rrsets]!;
    const kept =
      (words[made * 2 + nodeVersion.info]! & nodeVersionFlag.hashed) !== 0 &&
      words[made * 2 + nodeVersion.rrsets] === block;
    if (!kept) limbo.retire(block, denialBlock.sizeOctets);
  }
  limbo.retire(old, nodeVersionBlockOctets(words, old));
}
