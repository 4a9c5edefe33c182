/** What is counted of updates, transfers and notices. */
import type { MetricDeclaration, Metrics } from '@riad/runtime/metrics/declaration';
import type { NotifySending } from './control/notify-sending.ts';
import type { TransferAnswering } from './control/transfer-answering.ts';

export const metrics = {
  transfers: {
    name: 'riad_dns_transfers_total',
    type: 'counter',
    help: 'Queries for transfers, by what became of them: axfr, ixfr, refused; aborted of those begun.',
    labels: ['outcome'],
  },
  notifies: {
    name: 'riad_dns_notifies_total',
    type: 'counter',
    help: 'NOTIFY sent, and of those awaited: acknowledged, refused, unanswered.',
    labels: ['outcome'],
  },
  notifiesPending: {
    name: 'riad_dns_notifies_pending',
    type: 'gauge',
    help: 'Secondaries that have not answered a NOTIFY yet, by zone and secondary.',
  },
  registered: {
    name: 'riad_dns_notify_registrations',
    type: 'gauge',
    help: 'Zones that are registered for NOTIFY by connections.',
  },
} as const satisfies Record<string, MetricDeclaration>;

export function collectControl(
  to: Metrics,
  transfers: TransferAnswering,
  notify: NotifySending,
): void {
  const byOutcome = (counts: Readonly<Record<string, number>>) => () =>
    Object.entries(counts).map(([outcome, value]) => ({ labels: { outcome }, value }));
  to.collect(metrics.transfers, byOutcome(transfers.counts));
  to.collect(metrics.notifies, byOutcome(notify.counts));
  to.collect(metrics.notifiesPending, () => [{ value: notify.pending }]);
  to.collect(metrics.registered, () => [{ value: notify.registered }]);
}
