/** What the name server adds to the codes of zones that are refused, with one sentence each. */
export const codes = {
  'catalog.name-taken':
    'a zone file has the name of a catalog that is made of the zones: the file is not read, and the catalog not changed, until the file is taken away or the catalog named otherwise',
  'zone.empty-file': 'the file is empty, which is a fault and no order to remove the zone',
  'zone.cut-short': 'the file ends inside a line, as files do that are still being written',
  'zone.file-too-large': 'the file is larger than any zone that fits into memory',
} as const satisfies Record<string, string>;
