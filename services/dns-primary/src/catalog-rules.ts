/** From what riad.yaml says of catalogs to what they are made by; apart from the schema, which a service need not load. */
import { canonicalName, formatName, parseName } from '@riad/dns/name';
import { type NamePattern, parseNamePattern } from '@riad/dns-server/access/name-pattern';
import type { CatalogRules } from '@riad/dns-server/catalog/next-catalog';
import type { DnsPrimaryConfig } from './config.ts';

type Catalogs = DnsPrimaryConfig['catalogs'];

/** The catalogs' names as zones' names are kept everywhere here. */
export function catalogNames(rules: readonly CatalogRules[]): Set<string> {
  return new Set(rules.map(({ apex }) => formatName(apex)));
}

/** Checked with the configuration. */
export function catalogRules(catalogs: Catalogs): CatalogRules[] {
  return catalogs.map(({ name, members, groups }) => ({
    apex: canonicalName(parseName(name)),
    members: members.flatMap(patternOf),
    groups: Object.entries(groups).map(([group, zones]) => ({
      group,
      zones: zones.flatMap(patternOf),
    })),
  }));
}

function patternOf(text: string): NamePattern[] {
  const pattern = parseNamePattern(text);
  return typeof pattern === 'string' ? [] : [pattern];
}
