/** A reporter for `node --test-reporter`: each test that ended, as a line of JSON; failures with their cause. */
import type { TestEvent } from 'node:test/reporters';

export type Ended = {
  readonly name: string;
  readonly passed: boolean;
  readonly skipped: boolean;
  /** Of what failed by itself, and not by a test within it: the causes, the outermost first. */
  readonly causes: readonly { readonly name: string; readonly message: string }[];
};

// biome-ignore lint/style/noDefaultExport: it is what Node looks for in a reporter.
export default async function* failures(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, skip, details } = event.data;
    const error = event.type === 'test:fail' ? event.data.details.error : undefined;
    if ((error as { failureType?: string } | undefined)?.failureType === 'subtestsFailed') continue;
    if (details.type === 'suite' && error === undefined) continue;
    const causes: { name: string; message: string }[] = [];
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      causes.push({ name: cause.name, message: cause.message.slice(0, 500) });
    const ended: Ended = {
      name,
      passed: event.type === 'test:pass',
      skipped: skip !== undefined && skip !== false,
      causes,
    };
    yield `${JSON.stringify(ended)}\n`;
  }
}
