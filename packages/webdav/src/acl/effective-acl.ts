/** The whole list that governs a resource, in the order in which it is evaluated: what `D:acl` shows. */
import type { Context } from '../context.ts';
import type { Path, StoredAce } from '../storage/storage.ts';
import { isStored, type Node, type StoredNode } from '../tree/node.ts';

export type EffectiveAce = StoredAce & {
  readonly protected: boolean;
  /** The collection it comes from, as the user sees it; undefined: the resource’s own. */
  readonly inherited: Path | undefined;
};

/** RFC 3744 §5.5.4: no request can take the owner’s rights away. */
const ownerAce: StoredAce = {
  principal: { kind: 'owner' },
  invert: false,
  grant: true,
  privileges: ['DAV: all'],
};

const browsingAce: StoredAce = {
  principal: { kind: 'authenticated' },
  invert: false,
  grant: true,
  privileges: ['DAV: read', 'DAV: read-acl', 'DAV: read-current-user-privilege-set'],
};

export async function effectiveAcl(context: Context, node: Node): Promise<EffectiveAce[]> {
  if (!isStored(node)) return [{ ...browsingAce, protected: true, inherited: undefined }];
  const aces: EffectiveAce[] = [{ ...ownerAce, protected: true, inherited: undefined }];
  for (const ace of node.resource.metadata.acl) {
    aces.push({ ...ace, protected: false, inherited: undefined });
  }
  const { path } = node.resource;
  for (let length = path.length - 1; length >= 2; length--) {
    const collection = await context.view.resource(path.slice(0, length));
    for (const ace of collection?.metadata.acl ?? []) {
      aces.push({ ...ace, protected: false, inherited: path.slice(0, length) });
    }
  }
  return aces;
}

/** The collections whose entries count here, too (RFC 3744 §5.7). */
export function inheritedFrom(node: StoredNode): Path[] {
  const { path } = node.resource;
  const paths: Path[] = [];
  for (let length = path.length - 1; length >= 2; length--) paths.push(path.slice(0, length));
  return paths;
}
