/** The zones that are transferred, and the versions of one whose difference is large. */
import { hostAddress } from '../dns-authoritative/zones.ts';

export const soaLine = (serial: number): string => `@ 300 SOA ns h ${serial} 3600 600 86400 60\n`;

/** The first version, with so many hosts besides its SOA, NS and name server. */
export function hostsText(hosts: number): string {
  const lines = [`$TTL 300\n${soaLine(1)}@ NS ns\nns A 192.0.2.1\n`];
  for (let i = 0; i < hosts; i++) lines.push(`host${i} A ${hostAddress(i)}\n`);
  return lines.join('');
}

/** The records that differ from version to version. */
export function changedText(names: number, serial: number): string {
  let text = '';
  for (let i = 0; i < names; i++) text += `t${i} 300 TXT "version ${serial} of ${i}"\n`;
  return text;
}
