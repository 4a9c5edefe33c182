/** One request under way: what came, and the context it is answered from. */
import type { Context } from './context.ts';
import type { UrlPath } from './path/url-path.ts';
import type { DavRequest } from './request.ts';
import type { Actor } from './storage/storage.ts';

export type Exchange = {
  readonly context: Context;
  readonly request: DavRequest;
  readonly target: UrlPath;
  /** Read whole. */
  readonly body: Uint8Array;
  readonly actor: Actor;
};
