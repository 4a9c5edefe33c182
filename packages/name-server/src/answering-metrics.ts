/** What every service that answers for zones counts. */
import type { MetricDeclaration } from '@riad/runtime/metrics/declaration';

export const metrics = {
  queries: {
    name: 'riad_dns_queries_total',
    type: 'counter',
    help: 'Queries received, by transport.',
    labels: ['transport'],
  },
  responses: {
    name: 'riad_dns_responses_total',
    type: 'counter',
    help: 'Answers sent, by RCODE.',
    labels: ['rcode'],
  },
  dropped: {
    name: 'riad_dns_dropped_total',
    type: 'counter',
    help: 'Messages left without an answer: answers, fragments of headers, and what rate limiting drops.',
  },
  truncated: {
    name: 'riad_dns_truncated_total',
    type: 'counter',
    help: 'Answers that had to be cut and said so (TC).',
  },
  rateLimited: {
    name: 'riad_dns_rate_limited_total',
    type: 'counter',
    help: 'Answers that response rate limiting dropped or truncated.',
    labels: ['verdict'],
  },
  features: {
    name: 'riad_dns_query_features_total',
    type: 'counter',
    help: 'Answered queries that carried EDNS, DO, a cookie, or a valid server cookie.',
    labels: ['feature'],
  },
  memory: {
    name: 'riad_dns_zone_memory_octets',
    type: 'gauge',
    help: 'Octets of shared memory that zones use.',
  },
  streams: {
    name: 'riad_dns_stream_clients',
    type: 'gauge',
    help: 'Connections over TCP and TLS that are open.',
  },
  streamsCut: {
    name: 'riad_dns_stream_clients_cut_total',
    type: 'counter',
    help: 'Connections the server closed or refused: address-limit, table-full, idle, malformed, handshake.',
    labels: ['reason'],
  },
  requestsDropped: {
    name: 'riad_dns_requests_dropped_total',
    type: 'counter',
    help: 'Updates, notices, transfers and signed queries over UDP for which there was no room.',
  },
} as const satisfies Record<string, MetricDeclaration>;
