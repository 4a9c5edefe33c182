/** The DNS records by which clients find the service from an e-mail address (RFC 6764 §3, §4). */

/** Lines for the zone of `domain`. Undefined where the service is reached by an address only, which SRV cannot name. */
export function discoveryRecords(domain: string, baseUrl: string): string[] | undefined {
  const { hostname, port, protocol } = new URL(baseUrl);
  if (/^[\d.]+$|:/.test(hostname) || hostname === 'localhost') return undefined;
  const secure = protocol === 'https:';
  const number = port === '' ? (secure ? 443 : 80) : Number(port);
  const suffix = secure ? 's' : '';
  const lines: string[] = [];
  for (const service of ['caldav', 'carddav']) {
    const owner = `_${service}${suffix}._tcp.${domain}.`;
    lines.push(`${owner} SRV 0 1 ${number} ${hostname}.`, `${owner} TXT "path=/"`);
    // RFC 6764 §3: what is not offered is said with a root target.
    if (secure) lines.push(`_${service}._tcp.${domain}. SRV 0 0 0 .`);
  }
  return lines;
}
