/** What the house takes at most, for docs/limits.md. */
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
};
