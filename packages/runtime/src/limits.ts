/** What the house takes at most, for docs/limits.md. */
import { maxAddresses, maxAppPasswords, maxGroups, maxUsers } from './accounts/accounts.ts';
import { maxFailures, maxWatchedAddresses } from './accounts/failed-logins.ts';
import { maxRemembered } from './accounts/login.ts';
import { maxBcryptCost, maxCryptRounds } from './accounts/old-hash.ts';
import { maxHashesWaiting, maxHashing, maxPasswordOctets } from './accounts/password-hash.ts';
import {
  maxCommandOctets,
  maxHookOctets,
  maxStrangers,
  requestTimeoutMs,
} from './control/control-server.ts';
import { waitingLines } from './logging/json-log.ts';
import { strangersLimit } from './logging/limited-log.ts';
import { maxLaunchOctets } from './supervision/launch.ts';
import { listenBacklog, udpReceiveBufferOctets } from './supervision/open-listeners.ts';
import { stopGraceMs } from './supervision/supervisor.ts';
import { pieceMs } from './turns.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  listenBacklog: {
    value: listenBacklog,
    unit: 'connections waiting to be accepted',
    reason: 'A burst while the service restarts; the kernel cuts it to net.core.somaxconn.',
  },
  udpReceiveBufferOctets: {
    value: udpReceiveBufferOctets,
    unit: 'octets for each UDP socket',
    reason: 'Some 20 ms of a flood; without CAP_NET_ADMIN the kernel cuts it to net.core.rmem_max.',
  },
  maxHookOctets: {
    value: maxHookOctets,
    unit: 'octets of what a forge says has been pushed',
    reason: 'It comes from strangers until its signature is checked; only that is looked at.',
  },
  maxCommandOctets: {
    value: maxCommandOctets,
    unit: 'octets of a command',
    reason: 'Commands may carry a zone; who gives them is trusted.',
  },
  maxStrangers: {
    value: maxStrangers,
    unit: 'connections to an `http://` entry',
    reason: 'Health and metrics have few readers, and anybody may connect.',
  },
  requestTimeoutMs: {
    value: requestTimeoutMs,
    unit: 'ms for a request to arrive whole',
    reason: 'Ends slow senders.',
  },
  stopGraceMs: {
    value: stopGraceMs,
    unit: 'ms from SIGTERM to SIGKILL',
    reason: 'Services stop within a second, and what they acknowledged is on disk.',
  },
  waitingLines: {
    value: waitingLines,
    unit: 'log lines held until the service answers',
    reason: 'Logging waits for the start, not the other way round.',
  },
  strangersLinesPerWindow: {
    value: strangersLimit.linesPerWindow,
    unit: `log lines of one event in ${strangersLimit.windowSeconds} s`,
    reason: 'For events that strangers can cause; the rest is counted and told with the next line.',
  },
  maxLaunchOctets: {
    value: maxLaunchOctets,
    unit: 'octets of a service’s configuration as JSON',
    reason: 'It travels in one environment variable, which Linux limits to 128 KiB.',
  },
  maxUsers: {
    value: maxUsers,
    unit: 'users',
    reason: 'A small organisation; lists of all are made for some answers.',
  },
  maxGroups: {
    value: maxGroups,
    unit: 'groups',
    reason: 'Each is asked for its members.',
  },
  maxAppPasswords: {
    value: maxAppPasswords,
    unit: 'app passwords of a user',
    reason: 'One for each device.',
  },
  maxAddresses: {
    value: maxAddresses,
    unit: 'e-mail addresses of a user',
    reason: 'People have a few.',
  },
  maxCryptRounds: {
    value: maxCryptRounds,
    unit: 'rounds of a password that was taken over from another server',
    reason: 'Some 3 s of a thread, once; passlib makes 656,000, htpasswd 5,000.',
  },
  maxBcryptCost: {
    value: maxBcryptCost,
    unit: 'as cost of a bcrypt hash that was taken over',
    reason: 'Some 3 s of a thread, once; each more doubles it.',
  },
  maxPasswordOctets: {
    value: maxPasswordOctets,
    unit: 'octets of a password',
    reason: 'Longer ones are no safer, and cost who did not log in.',
  },
  maxHashing: {
    value: maxHashing,
    unit: 'passwords computed at a time',
    reason: 'Each takes 19 MiB and a processor for tens of milliseconds.',
  },
  maxHashesWaiting: {
    value: maxHashesWaiting,
    unit: 'passwords that wait to be computed',
    reason: 'More are told to come again: 503.',
  },
  maxFailures: {
    value: maxFailures,
    unit: 'wrong passwords of one address',
    reason: 'Then it waits: 429; one is forgiven every 6 s.',
  },
  maxWatchedAddresses: {
    value: maxWatchedAddresses,
    unit: 'addresses whose wrong passwords are counted',
    reason: 'The one that failed the longest ago is forgotten.',
  },
  pieceMs: {
    value: pieceMs,
    unit: 'ms of long work in one turn of the event loop',
    reason: 'What has come in meanwhile waits for one such piece, however many works there are.',
  },
  maxRememberedLogins: {
    value: maxRemembered,
    unit: 'logins that are remembered',
    reason: 'A few devices for each user; the oldest goes first.',
  },
};
