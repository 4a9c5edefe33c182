/** The versions of a zone whose difference is large. */

export const soaLine = (serial: number): string => `@ 300 SOA ns h ${serial} 3600 600 86400 60\n`;

/** The records that differ from version to version. */
export function changedText(names: number, serial: number): string {
  let text = '';
  for (let i = 0; i < names; i++) text += `t${i} 300 TXT "version ${serial} of ${i}"\n`;
  return text;
}
