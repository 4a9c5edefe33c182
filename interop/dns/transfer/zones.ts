/** The zones that are transferred: two versions of one, with what transfers get wrong, and a signed one. */
import type { ServedZone } from '../../peers/server.ts';

export const zoneName = 'transfer.test';

/** Enough for several messages, so that messages behind the first come up. */
const hosts = 6000;

export function zoneText(serial: number): string {
  const lines = [
    '$TTL 300',
    `@ SOA ns1 hostmaster ${serial} 3600 600 86400 60`,
    '@ NS ns1',
    '@ NS ns.sub',
    'ns1 A 192.0.2.1',
    'ns1 AAAA 2001:db8::1',
    '@ MX 10 mail',
    '@ MX 20 mail.elsewhere.test.',
    'mail A 192.0.2.2',
    // A cut with glue at it, below it and beside it, and names that it hides.
    'sub NS ns.sub',
    'sub NS sub',
    'sub NS ns.beside',
    'sub DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000',
    'sub A 192.0.2.3',
    'ns.sub A 192.0.2.4',
    'ns.sub AAAA 2001:db8::4',
    'ns.beside A 192.0.2.5',
    'hidden.sub TXT "occluded"',
    'old DNAME new.elsewhere.test.',
    '* TXT "a wildcard"',
    '*.wild MX 5 *.wild',
    'a.b.c.deep A 192.0.2.6',
    'text TXT "one" "two" ""',
    'odd\\.label TXT "a dot in a label"',
    'srv SRV 1 2 3 ns1',
    'naptr NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:x@example!" .',
    'unknown TYPE65280 \\# 4 01020304',
    'svc HTTPS 1 . alpn=h2 ipv4hint=192.0.2.7',
  ];
  for (let i = 0; i < hosts; i++) lines.push(`host${i} A 10.0.${i >> 8}.${i & 255}`);
  if (serial > 1) {
    lines.push('alias CNAME mail', 'glue.sub A 192.0.2.8', 'new TXT "new"');
    lines.splice(lines.indexOf('hidden.sub TXT "occluded"'), 1);
    lines.splice(lines.indexOf('host17 A 10.0.0.17'), 1);
  } else lines.push('alias CNAME ns1', 'gone TXT "gone"');
  return `${lines.join('\n')}\n`;
}

export function servedZone(serial: number): ServedZone {
  return { name: zoneName, text: zoneText(serial) };
}
