import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsRegistry } from './registry.ts';
import { renderMetrics } from './render.ts';

test('counters, gauges, histograms and collected values in Prometheus’s text', async () => {
  const metrics = metricsRegistry();
  const counter = metrics.counter({
    name: 'a_total',
    type: 'counter',
    help: 'As.',
    labels: ['kind'],
  });
  counter.add(2, { kind: 'x' });
  counter.add(1, { kind: 'x' });
  counter.add(1, { kind: 'y"\n' });
  metrics.gauge({ name: 'b', type: 'gauge', help: 'Bs.' }).set(1.5);
  const seconds = { name: 'c_seconds', type: 'histogram', help: 'Cs.', buckets: [0.1, 1] } as const;
  const histogram = metrics.histogram(seconds);
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value);
  let kept = 41;
  metrics.collect({ name: 'd', type: 'gauge', help: 'Ds.' }, () => [{ value: kept }]);
  kept++;
  const { text } = await renderMetrics(metrics);
  for (const line of [
    '# TYPE a_total counter',
    'a_total{kind="x"} 3',
    'a_total{kind="y\\"\\n"} 1',
    'b 1.5',
    'c_seconds_bucket{le="0.1"} 2',
    'c_seconds_bucket{le="1"} 3',
    'c_seconds_bucket{le="+Inf"} 4',
    'c_seconds_sum 7.65',
    'c_seconds_count 4',
    'd 42',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} in\n${text}`);
  }
});

test('one name, one metric', () => {
  const metrics = metricsRegistry();
  metrics.gauge({ name: 'b', type: 'gauge', help: 'Bs.' });
  assert.throws(() => metrics.counter({ name: 'b', type: 'counter', help: 'Bs.' }), TypeError);
});
