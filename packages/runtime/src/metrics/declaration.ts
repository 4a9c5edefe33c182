/**
 * Metrics as plain declarations, so that declaring one costs nothing at start and
 * docs/metrics.md can be made from them. A package or service puts its declarations into an
 * exported `metrics` object in `src/metrics.ts`. prom-client comes in only when someone asks for
 * the numbers (`render.ts`).
 */

export type MetricDeclaration = {
  /** `riad_dns_queries_total`: prefix, subject, unit; counters end in `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence, with the unit. */
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds of a histogram's buckets, ascending, without +Inf. */
  readonly buckets?: readonly number[];
};

export type LabelValues = Readonly<Record<string, string>>;
export type Sample = { readonly labels?: LabelValues; readonly value: number };
/** `counts` has one entry more than the declaration's `buckets`: the last is what exceeds all. */
export type HistogramSample = {
  readonly labels?: LabelValues;
  readonly counts: readonly number[];
  readonly sum: number;
};

export type Counter = { add(amount?: number, labels?: LabelValues): void };
export type Gauge = { set(value: number, labels?: LabelValues): void };
export type Histogram = { observe(value: number, labels?: LabelValues): void };

export type Metrics = {
  counter(declaration: MetricDeclaration): Counter;
  gauge(declaration: MetricDeclaration): Gauge;
  histogram(declaration: MetricDeclaration): Histogram;
  /** For numbers kept elsewhere, such as workers' shared memory: read when somebody asks. */
  collect(declaration: MetricDeclaration, read: () => readonly Sample[]): void;
  collectHistogram(declaration: MetricDeclaration, read: () => readonly HistogramSample[]): void;
};
