/** What the secondary counts besides what every name server does. */
import type { MetricDeclaration } from '@riad/runtime/metrics/declaration';

export const metrics = {
  zones: {
    name: 'riad_dns_zones',
    type: 'gauge',
    help: 'Zones by state: fresh, expired, absent (not transferred yet).',
    labels: ['state'],
  },
  serial: {
    name: 'riad_dns_zone_serial',
    type: 'gauge',
    help: 'Serial of each zone that is here.',
    labels: ['zone'],
  },
  records: {
    name: 'riad_dns_zone_records',
    type: 'gauge',
    help: 'Records of each zone that is here, signatures included.',
    labels: ['zone'],
  },
  expires: {
    name: 'riad_dns_zone_expires_seconds',
    type: 'gauge',
    help: 'Seconds until each zone expires unless a primary confirms it; 0: it has.',
    labels: ['zone'],
  },
  failures: {
    name: 'riad_dns_zone_failures',
    type: 'gauge',
    help: 'Rounds in a row in which every primary of a zone failed.',
    labels: ['zone'],
  },
  questions: {
    name: 'riad_dns_primary_questions_total',
    type: 'counter',
    help: 'What primaries were asked: soa, axfr, ixfr.',
    labels: ['kind'],
  },
  checks: {
    name: 'riad_dns_primary_outcomes_total',
    type: 'counter',
    help: 'What came of it: transferred (a newer version), failed.',
    labels: ['outcome'],
  },
  notifies: {
    name: 'riad_dns_notifies_received_total',
    type: 'counter',
    help: 'NOTIFY messages from primaries and others.',
  },
  subscriptions: {
    name: 'riad_dns_announcing_connections',
    type: 'gauge',
    help: 'Connections on which primaries announce changes: open, lost.',
    labels: ['state'],
  },
} as const satisfies Record<string, MetricDeclaration>;
