/** What the door takes at most, for docs/limits.md. */

import {
  headersTimeoutMs,
  idleTimeoutMs,
  maxBodiesOctets,
  maxConnections,
  maxConnectionsPerAddress,
  maxDroppedOctets,
  maxHeaderOctets,
  maxRequests,
  maxStreamsPerConnection,
  requestTimeoutMs,
  stalledTimeoutMs,
} from './http/http-limits.ts';
import { connectMs } from './streams/message-client.ts';
import { maxOutstanding } from './streams/stream-connection.ts';
import {
  backlog,
  handshakeTimeoutMs,
  lastWordsMs,
  maxPendingOctets,
  maxUnsentOctets,
  messagesPerTurn,
} from './streams/stream-server.ts';
import { batchSize, receiveOctets, sendOctets } from './udp/batch.ts';
import { ringMessageOctets, ringSlots } from './udp/request-ring.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  batchSize: {
    value: batchSize,
    unit: 'datagrams for one system call',
    reason: 'Enough to share its cost, few enough to stay in the cache.',
  },
  receiveOctets: {
    value: receiveOctets,
    unit: 'octets of a query over UDP',
    reason: 'Longer ones are cut by the kernel and dropped; real ones have a tenth.',
  },
  sendOctets: {
    value: sendOctets,
    unit: 'octets of an answer over UDP',
    reason: 'Whatever a client advertises: fragments get lost (RFC 9715).',
  },
  messagesPerTurn: {
    value: messagesPerTurn,
    unit: 'messages of one connection answered in one go',
    reason: 'Then other clients have their turn.',
  },
  maxUnsentOctets: {
    value: maxUnsentOctets,
    unit: 'octets of answers that a client has not taken',
    reason: 'Above it nothing more is read from that client.',
  },
  maxPendingOctets: {
    value: maxPendingOctets,
    unit: 'octets of a connection that are not a whole message yet',
    reason: 'RFC 1035 §4.2.2: a message and its length; memory grows with what has arrived.',
  },
  maxOutstanding: {
    value: maxOutstanding,
    unit: 'messages of a connection that are being worked on',
    reason:
      'Updates and transfers take their time; nothing more is read from who has so many under way.',
  },
  ringSlots: {
    value: ringSlots,
    unit: 'datagrams that wait for another thread',
    reason: 'Updates, notices and signed queries over UDP; more are dropped and counted.',
  },
  ringMessageOctets: {
    value: ringMessageOctets,
    unit: 'octets of a datagram for another thread',
    reason: 'Longer ones are cut by the receiving worker already.',
  },
  handshakeTimeoutMs: {
    value: handshakeTimeoutMs,
    unit: 'ms for a TLS handshake',
    reason: 'Who takes longer does not mean it.',
  },
  streamBacklog: {
    value: backlog,
    unit: 'connections waiting to be accepted',
    reason: 'A burst; the kernel cuts it to net.core.somaxconn.',
  },
  lastWordsMs: {
    value: lastWordsMs,
    unit: 'ms for answers to leave when the service stops',
    reason: 'Services stop within a second.',
  },
  connectMs: {
    value: connectMs,
    unit: 'ms until a connection of ours to a server is open, its handshake included',
    reason: 'Three SYNs.',
  },
  maxHttpConnections: {
    value: maxConnections,
    unit: 'HTTP connections',
    reason: 'Telephones keep one each, browsers six; more are closed at once.',
  },
  maxHttpConnectionsPerAddress: {
    value: maxConnectionsPerAddress,
    unit: 'HTTP connections of one address',
    reason: 'A household or an office behind one address.',
  },
  maxHttpRequests: {
    value: maxRequests,
    unit: 'HTTP requests answered at a time',
    reason: 'Each holds its body; more get 503.',
  },
  maxBodiesOctets: {
    value: maxBodiesOctets,
    unit: 'octets of bodies of HTTP requests, of all that are read at a time',
    reason: 'Four of the largest files. Whoever sends more is told to come back with 503.',
  },
  maxDroppedOctets: {
    value: maxDroppedOctets,
    unit: 'octets of a refused body of an HTTP request that are read and dropped',
    reason:
      'Many clients read no answer before they have sent all. The connection of a longer one ends.',
  },
  maxStreamsPerConnection: {
    value: maxStreamsPerConnection,
    unit: 'requests at a time on one HTTP/2 connection',
    reason: 'Clients ask for a dozen; what each holds adds up.',
  },
  maxHeaderOctets: {
    value: maxHeaderOctets,
    unit: 'octets of the head of an HTTP request',
    reason: 'Passwords and lock tokens fit; more gets 431.',
  },
  headersTimeoutMs: {
    value: headersTimeoutMs,
    unit: 'ms for the head of an HTTP request',
    reason: 'Who sends it octet by octet holds a connection.',
  },
  requestTimeoutMs: {
    value: requestTimeoutMs,
    unit: 'ms for a whole HTTP request with its body',
    reason: 'An import over a slow line takes minutes.',
  },
  httpIdleTimeoutMs: {
    value: idleTimeoutMs,
    unit: 'ms between two requests of an HTTP connection',
    reason: 'Then it is closed; clients open another.',
  },
  stalledTimeoutMs: {
    value: stalledTimeoutMs,
    unit: 'ms without an octet on an HTTP connection',
    reason: 'Who does not take his answer holds memory.',
  },
};
