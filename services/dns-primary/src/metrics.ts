/** What the primary counts besides what every name server does. */
import type { MetricDeclaration } from '@riad/runtime/metrics/declaration';

export const metrics = {
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
  updates: {
    name: 'riad_dns_updates_total',
    type: 'counter',
    help: 'Dynamic updates, by RCODE of the answer.',
    labels: ['rcode'],
  },
  writes: {
    name: 'riad_dns_zone_file_writes_total',
    type: 'counter',
    help: 'Zone files that updates were written into, and attempts that failed.',
    labels: ['outcome'],
  },
  loads: {
    name: 'riad_dns_zone_loads_total',
    type: 'counter',
    help: 'Zone files read, by outcome: whole, edited, refused, held; and changes by updates.',
    labels: ['outcome'],
  },
} as const satisfies Record<string, MetricDeclaration>;
