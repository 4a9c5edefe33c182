/** What a plain file is taken for by its ending, so that only the others need to say it. */
import type { CollectionKind } from '@riad/webdav/storage/storage';

const types: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  html: 'text/html',
  ics: 'text/calendar',
  jpg: 'image/jpeg',
  json: 'application/json',
  md: 'text/markdown',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  vcf: 'text/vcard',
  xml: 'application/xml',
};

export function usualType(kind: CollectionKind, name: string): string {
  if (kind === 'calendar') return 'text/calendar';
  if (kind === 'address-book') return 'text/vcard';
  const ending = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return types[ending] ?? 'application/octet-stream';
}
