/** What a collection is called: by whoever named it, or in its URL. */
import { encodeUtf8 } from '@riad/octets/utf8';
import type { Collection } from '../storage/storage.ts';
import { textOf } from '../xml/element.ts';
import { DAV } from '../xml/namespaces.ts';
import { parseXml } from '../xml/parse-xml.ts';

const names = new WeakMap<Collection['metadata'], string>();

export function displayNameOf({ metadata, path }: Collection): string {
  let name = names.get(metadata);
  if (name === undefined) {
    const kept = metadata.properties.find(
      (one) => one.namespace === DAV && one.name === 'displayname',
    );
    name = kept === undefined ? '' : textOf(parseXml(encodeUtf8(kept.xml))).trim();
    names.set(metadata, name);
  }
  return name || (path.at(-1) ?? '');
}
