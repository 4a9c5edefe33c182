/** Runs the code of one command, loaded only now, and turns what it throws into words and an exit status. */

export type Runnable<Args extends unknown[]> = { run(...args: Args): Promise<number> };

/** Every command resolves to its exit status; complaints about input are messages, not stacks. */
export async function run<Args extends unknown[]>(
  load: () => Promise<Runnable<Args>>,
  ...args: Args
): Promise<void> {
  const { Refusal } = await import('./refusal.ts');
  try {
    process.exitCode = await (await load()).run(...args);
  } catch (error) {
    const known =
      error instanceof Refusal || expected.has((error as Error).name) || isSystem(error);
    process.stderr.write(
      `${known ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`,
    );
    process.exitCode = 1;
  }
}

/** Errors that say for themselves what is wrong, by name: loading their classes would cost every command. */
const expected = new Set(['ConfigurationError', 'AccountError', 'CommandError', 'SourceError']);

function isSystem(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}
