/** What the service counts. */
import type { MetricDeclaration } from '@riad/runtime/metrics/declaration';

export const metrics = {
  requests: {
    name: 'riad_calendar_requests_total',
    type: 'counter',
    help: 'Requests answered, by method and class of status.',
    labels: ['method', 'status'],
  },
  connections: {
    name: 'riad_calendar_connections',
    type: 'gauge',
    help: 'Open HTTP connections.',
  },
  ready: {
    name: 'riad_calendar_index_ready',
    type: 'gauge',
    help: '1 once the index has all commits.',
  },
} as const satisfies Record<string, MetricDeclaration>;
