/** The text that Prometheus reads, made by prom-client, which is loaded at the first request. */
import type { Registry } from 'prom-client';
import type { HistogramSample } from './declaration.ts';
import type { MetricsRegistry, RegisteredMetric } from './registry.ts';

const made = new WeakMap<MetricsRegistry, Promise<Registry>>();

export async function renderMetrics(
  metrics: MetricsRegistry,
): Promise<{ contentType: string; text: string }> {
  let loading = made.get(metrics);
  if (loading === undefined) {
    loading = makeRegistry();
    made.set(metrics, loading);
  }
  const registry = await loading;
  for (const metric of metrics.registered) {
    const { name } = metric.declaration;
    if (registry.getSingleMetric(name) === undefined) {
      // prom-client only asks a registered metric for `name` and `get`, but types its own classes.
      registry.registerMetric(adapt(metric) as never);
    }
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

async function makeRegistry(): Promise<Registry> {
  const { Registry, collectDefaultMetrics } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

function adapt(metric: RegisteredMetric): object {
  const { name, help, type, buckets = [] } = metric.declaration;
  return {
    name,
    get: async () => ({
      name,
      help,
      type,
      aggregator: 'sum',
      values:
        'samples' in metric
          ? metric.samples().map(({ labels = {}, value }) => ({ labels, value }))
          : metric.histograms().flatMap((sample) => histogramLines(name, buckets, sample)),
    }),
  };
}

/** Prometheus's buckets count everything up to their bound. */
function histogramLines(name: string, buckets: readonly number[], sample: HistogramSample) {
  const { labels = {}, counts, sum } = sample;
  let below = 0;
  const lines = [...buckets, '+Inf'].map((bound, index) => {
    below += counts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le: bound, ...labels }, value: below };
  });
  return [
    ...lines,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: below },
  ];
}
