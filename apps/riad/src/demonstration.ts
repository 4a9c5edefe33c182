/** What `riad up` runs where there is no file: every service on loopback, state in ./state. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Accounts } from '@riad/runtime/accounts/accounts';
import type { Configuration } from '@riad/runtime/configuration/configuration';
import { readConfiguration } from '@riad/runtime/configuration/read';
import { serviceTypes } from './service-types.ts';

const zoneName = 'riad.example';

// Addresses of RFC 5737 and RFC 3849: they belong to nobody.
const sampleZone = `; A sample zone. Change it while Riad runs, and ask again.
$TTL 1h
@        SOA   ns hostmaster 1 1h 15m 4w 5m
         NS    ns
         MX    10 mail
         TXT   "a house around a garden"
ns       A     127.0.0.1
         AAAA  ::1
mail     A     192.0.2.25
www      A     192.0.2.80
         AAAA  2001:db8::80
ftp      CNAME www
*.guests A     192.0.2.99
_sip._udp SRV  10 5 5060 www
`;

/** For a demonstration on loopback: everybody may know them. */
const samplePassword = 'riad-demonstration';
const sampleUsers = [
  { name: 'ann', displayName: 'Ann Example' },
  { name: 'bob', displayName: 'Bob Example' },
];

export async function demonstration(port: number, webPort: number): Promise<Configuration> {
  const directory = process.cwd();
  const zones = resolve(directory, 'state', 'zones');
  if (!existsSync(zones)) {
    mkdirSync(zones, { recursive: true });
    writeFileSync(resolve(zones, zoneName), sampleZone);
  }
  const accountsFile = resolve(directory, 'state', 'accounts', 'accounts.sqlite');
  if (!existsSync(accountsFile)) {
    using accounts = new Accounts(accountsFile);
    for (const user of sampleUsers) await accounts.addUser({ ...user, password: samplePassword });
    accounts.addGroup('family', 'The family');
    for (const { name } of sampleUsers) accounts.addMember('family', name);
  }
  const text = `
state: ./state
log: warn
services:
  names:
    type: dns-primary
    listen: ["udp+tcp://127.0.0.1:${port}", "udp+tcp://[::1]:${port}"]
    zones: { folder: ./state/zones }
  calendar:
    type: calendar
    listen: ["http://127.0.0.1:${webPort}"]
`;
  return readConfiguration(text, 'demonstration', directory, serviceTypes);
}

export function invitation(port: number, webPort: number): string {
  return `Riad runs a demonstration; Ctrl-C ends it.

  names   127.0.0.1 port ${port}, UDP and TCP, and the same on ::1
          zone ${zoneName} from state/zones/${zoneName}
  calendar  http://127.0.0.1:${webPort}/
          users ann and bob, password ${samplePassword}

Things to try, in another terminal:

  dig @127.0.0.1 -p ${port} www.${zoneName}
  dig @127.0.0.1 -p ${port} anybody.guests.${zoneName} +norecurse
  edit state/zones/${zoneName} and ask again
  open http://127.0.0.1:${webPort}/ and sign in as ann: the page tells how to connect a telephone or a program
  git -C state/calendar/store.git log -p
`;
}
