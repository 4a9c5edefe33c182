import type { Context } from '../context.ts';
import type { DavResponse } from '../request.ts';
import type { CollectionNode } from '../tree/node.ts';
export async function exportCollection(
  _context: Context,
  _node: CollectionNode,
): Promise<DavResponse> {
  return { status: 200, headers: {}, body: undefined };
}
