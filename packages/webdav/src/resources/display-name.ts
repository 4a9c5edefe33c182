/** What a collection is called: by whoever named it, or in its URL. */
import { elementOf } from '../properties/kept-element.ts';
import type { Collection } from '../storage/storage.ts';
import { textOf } from '../xml/element.ts';
import { DAV } from '../xml/namespaces.ts';

const names = new WeakMap<Collection['metadata'], string>();

export function displayNameOf({ metadata, path }: Collection): string {
  let name = names.get(metadata);
  if (name === undefined) {
    const kept = metadata.properties.find(
      (one) => one.namespace === DAV && one.name === 'displayname',
    );
    const element = kept && elementOf(kept);
    name = element === undefined ? '' : textOf(element).trim();
    names.set(metadata, name);
  }
  return name || (path.at(-1) ?? '');
}
