/** What the name server counts. */
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
  zones: {
    name: 'riad_dns_zones',
    type: 'gauge',
    help: 'Zones by state: served, serving-last-good, not-served.',
    labels: ['state'],
  },
  serial: {
    name: 'riad_dns_zone_serial',
    type: 'gauge',
    help: 'Serial of each zone that is served.',
    labels: ['zone'],
  },
  records: {
    name: 'riad_dns_zone_records',
    type: 'gauge',
    help: 'Records of each zone that is served, signatures included.',
    labels: ['zone'],
  },
  trouble: {
    name: 'riad_dns_zone_trouble',
    type: 'gauge',
    help: '1 for each zone whose newest version is not what is served.',
    labels: ['zone', 'reason'],
  },
  warnings: {
    name: 'riad_dns_zone_warnings',
    type: 'gauge',
    help: 'What the owner of a zone will hardly have meant, as `riad zone check` tells it; small zones only.',
    labels: ['zone'],
  },
  loads: {
    name: 'riad_dns_zone_loads_total',
    type: 'counter',
    help: 'Zone files read, by outcome: whole, edited, refused, held.',
    labels: ['outcome'],
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
} as const satisfies Record<string, MetricDeclaration>;
