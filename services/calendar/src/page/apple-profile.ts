/**
 * A configuration profile for Apple's devices (`.mobileconfig`): one account for calendars and one for contacts,
 * so that nobody types addresses. It holds no password; the device asks for it.
 */
import { createHash } from 'node:crypto';
import { escapeHtml } from './html.ts';

export type AppleProfile = {
  /** `https://dav.example.org:8443`. */
  readonly baseUrl: string;
  readonly user: string;
};

/** Text of the property list. */
export function appleProfile({ baseUrl, user }: AppleProfile): string {
  const { hostname, port, protocol } = new URL(baseUrl);
  const secure = protocol === 'https:';
  const number = port === '' ? (secure ? 443 : 80) : Number(port);
  const identifier = `io.riad.${hostname.split('.').reverse().join('.')}.${user.replace(/[^a-z0-9-]/g, '-')}`;
  // The same for the same account: a second installation replaces the first.
  const uuid = (what: string): string => {
    const hex = createHash('sha256').update(`${identifier} ${what}`).digest('hex').toUpperCase();
    return [8, 4, 4, 4, 12]
      .map((length, i, all) => {
        const start = all.slice(0, i).reduce((sum, n) => sum + n, 0);
        return hex.slice(start, start + length);
      })
      .join('-');
  };
  const account = (kind: 'CalDAV' | 'CardDAV', title: string): string => `    <dict>
      <key>PayloadType</key><string>com.apple.${kind.toLowerCase()}.account</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>${escapeHtml(`${identifier}.${kind.toLowerCase()}`)}</string>
      <key>PayloadUUID</key><string>${uuid(kind)}</string>
      <key>PayloadDisplayName</key><string>${title}</string>
      <key>${kind}AccountDescription</key><string>${escapeHtml(`${title} (${hostname})`)}</string>
      <key>${kind}HostName</key><string>${escapeHtml(hostname)}</string>
      <key>${kind}Port</key><integer>${number}</integer>
      <key>${kind}PrincipalURL</key><string>${escapeHtml(`/principals/users/${encodeURIComponent(user)}/`)}</string>
      <key>${kind}UseSSL</key><${secure ? 'true' : 'false'}/>
      <key>${kind}Username</key><string>${escapeHtml(user)}</string>
    </dict>
`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>${escapeHtml(identifier)}</string>
  <key>PayloadUUID</key><string>${uuid('profile')}</string>
  <key>PayloadDisplayName</key><string>${escapeHtml(`Calendars and contacts of ${user}`)}</string>
  <key>PayloadContent</key>
  <array>
${account('CalDAV', 'Calendars')}${account('CardDAV', 'Contacts')}  </array>
</dict>
</plist>
`;
}
