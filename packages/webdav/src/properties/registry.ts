/** All properties the server knows, by namespace and name, with their markup made once. */

import { expandName, nameKey } from '../xml/namespaces.ts';
import { aclProperties } from './acl-properties.ts';
import { appleProperties } from './apple-properties.ts';
import { caldavProperties } from './caldav-properties.ts';
import { carddavProperties } from './carddav-properties.ts';
import type { LiveProperty } from './live-property.ts';
import { principalProperties } from './principal-properties.ts';
import { quotaProperties } from './quota-properties.ts';
import { syncProperties } from './sync-properties.ts';
import { webdavProperties } from './webdav-properties.ts';

export type RegisteredProperty = LiveProperty & {
  readonly namespace: string;
  readonly localName: string;
  readonly key: string;
  readonly open: string;
  readonly close: string;
  readonly empty: string;
};

const all: readonly RegisteredProperty[] = [
  ...webdavProperties,
  ...aclProperties,
  ...principalProperties,
  ...syncProperties,
  ...quotaProperties,
  ...caldavProperties,
  ...carddavProperties,
  ...appleProperties,
].map((property) => {
  const { namespace, name } = expandName(property.name);
  return {
    ...property,
    namespace,
    localName: name,
    key: nameKey(namespace, name),
    open: `<${property.name}>`,
    close: `</${property.name}>`,
    empty: `<${property.name}/>`,
  };
});

const byKey: ReadonlyMap<string, RegisteredProperty> = new Map(all.map((one) => [one.key, one]));

export function registeredProperty(
  namespace: string,
  name: string,
): RegisteredProperty | undefined {
  return byKey.get(nameKey(namespace, name));
}

export const registeredProperties: readonly RegisteredProperty[] = all;

export const allpropProperties: readonly RegisteredProperty[] = all.filter((one) => one.allprop);
