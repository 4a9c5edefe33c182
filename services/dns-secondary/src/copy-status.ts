/** What is told of the copies: status, health, figures. */
import type { ServedZones } from '@riad/name-server/control/served-zones';
import type { Metrics } from '@riad/runtime/metrics/declaration';
import type { Health } from '@riad/runtime/service';
import type { Clocks } from './clocks.ts';
import type { Copies } from './copies.ts';
import type { CopyRecord, CopyRecords } from './copy-records.ts';
import type { Inquiries } from './inquiries.ts';
import { metrics as declared } from './metrics.ts';
import type { Subscriptions } from './subscriptions.ts';
import { nameOf } from './zone-name.ts';

export type ZoneCopyStatus = {
  readonly zone: string;
  readonly state: 'fresh' | 'expired' | 'absent';
  readonly origin: CopyRecord['origin'];
  readonly catalog?: string;
  readonly serial?: number;
  readonly records?: number;
  readonly signed?: 'no' | 'nsec' | 'nsec3';
  readonly primaries: readonly string[];
  /** What is being done: soa, ixfr, axfr. */
  readonly doing?: string;
  readonly nextCheckInSeconds?: number;
  readonly expiresInSeconds?: number;
  /** ISO 8601: when a primary last confirmed it. */
  readonly confirmedAt?: string;
  readonly failures: number;
  readonly trouble?: { readonly since: string; readonly event: string; readonly detail: string };
};

export type CopyStatusParts = {
  readonly copies: Copies;
  readonly records: CopyRecords;
  readonly zones: ServedZones;
  readonly clocks: Clocks;
};

/** One round may fail while a primary is restarted; nobody need be called for that. */
const failuresToComplain = 2;

export class CopyStatus {
  readonly #parts: CopyStatusParts;

  constructor(parts: CopyStatusParts) {
    this.#parts = parts;
  }

  all(): ZoneCopyStatus[] {
    return this.#parts.records.zones().flatMap((zone) => this.of(zone) ?? []);
  }

  of(zone: string): ZoneCopyStatus | undefined {
    const { copies, records, zones, clocks } = this.#parts;
    const record = records.get(zone);
    const state = copies.stateOf(nameOf(zone));
    if (record === undefined || state === undefined) return undefined;
    const { facts, expired, activity, failures, nextAt, expireAt, primaries } = state;
    const served = facts === undefined ? undefined : zones.find(nameOf(zone))?.news.zone;
    const now = clocks.now();
    const trouble = copies.troubleOf(zone);
    const seconds = (at: number): number => Math.max(0, Math.ceil((at - now) / 1000));
    return {
      zone,
      state: facts === undefined ? 'absent' : expired ? 'expired' : 'fresh',
      origin: record.origin,
      ...(record.catalog === undefined ? {} : { catalog: record.catalog }),
      ...(served === undefined
        ? {}
        : { serial: served.serial, records: served.records, signed: served.signed }),
      primaries: primaries.map(({ endpoint: { address, port }, key }) =>
        [`${address}@${port}`, ...(key === undefined ? [] : [key])].join(' '),
      ),
      ...(activity === undefined ? {} : { doing: activity.kind }),
      ...(activity !== undefined || nextAt === Number.POSITIVE_INFINITY
        ? {}
        : { nextCheckInSeconds: seconds(nextAt) }),
      ...(facts === undefined
        ? {}
        : { expiresInSeconds: seconds(expireAt), confirmedAt: isoTime(facts.confirmedAt) }),
      failures,
      ...(trouble === undefined ? {} : { trouble: { ...trouble, since: isoTime(trouble.since) } }),
    };
  }

  health(more: readonly string[]): Health {
    const complaints = [...more];
    for (const { zone, state, failures, primaries, trouble } of this.all()) {
      const since = trouble === undefined ? '' : ` since ${trouble.since} (${trouble.detail})`;
      if (state === 'expired')
        complaints.push(`zone ${zone}: expired, no primary confirms it${since}`);
      else if (primaries.length === 0) complaints.push(`zone ${zone}: nobody is known who has it`);
      else if (failures >= failuresToComplain)
        complaints.push(`zone ${zone}: no primary is reached${since}`);
    }
    return complaints.length === 0 ? { healthy: true } : { healthy: false, complaints };
  }

  declareMetrics(metrics: Metrics, inquiries: Inquiries, subscriptions: Subscriptions): void {
    const { copies } = this.#parts;
    metrics.collect(declared.zones, () => {
      const all = this.all();
      return (['fresh', 'expired', 'absent'] as const).map((state) => ({
        labels: { state },
        value: all.filter((zone) => zone.state === state).length,
      }));
    });
    for (const [declaration, field] of [
      [declared.serial, 'serial'],
      [declared.records, 'records'],
      [declared.expires, 'expiresInSeconds'],
      [declared.failures, 'failures'],
    ] as const) {
      metrics.collect(declaration, () =>
        this.all().flatMap(({ zone, [field]: value }) =>
          value === undefined ? [] : [{ labels: { zone }, value }],
        ),
      );
    }
    metrics.collect(declared.questions, () =>
      Object.entries(inquiries.counts).map(([kind, value]) => ({ labels: { kind }, value })),
    );
    metrics.collect(declared.checks, () =>
      (['transferred', 'failed'] as const).map((outcome) => ({
        labels: { outcome },
        value: copies.counts[outcome],
      })),
    );
    metrics.collect(declared.notifies, () => [{ value: copies.counts.notifies }]);
    metrics.collect(declared.subscriptions, () => {
      const all = subscriptions.status();
      const open = all.filter((each) => each.open).length;
      return [
        { labels: { state: 'open' }, value: open },
        { labels: { state: 'lost' }, value: all.length - open },
      ];
    });
  }
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
