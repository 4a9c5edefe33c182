/** Makes catalogs, where riad.yaml asks for them; otherwise a start loads nothing of that. */
import type { CatalogRules } from '@riad/dns-server/catalog/next-catalog';
import type { CatalogMaking, CatalogMakingParts } from './catalog-making.ts';

export async function openCatalogs(
  rules: readonly CatalogRules[],
  parts: Omit<CatalogMakingParts, 'rules' | 'sha1'>,
): Promise<CatalogMaking | undefined> {
  if (rules.length === 0) return undefined;
  const { CatalogMaking } = await import('./catalog-making.ts');
  const { sha1 } = await import('@riad/net/ciphers/sha1');
  return new CatalogMaking({ ...parts, rules, sha1: sha1() });
}
