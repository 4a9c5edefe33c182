/**
 * Long work in pieces: it yields where others may have their turn, and nothing that it holds by then is seen by
 * anybody else. Who is in no hurry for anything else does it at once.
 */
export type Pieces<Result> = Generator<undefined, Result, undefined>;

export function atOnce<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
  }
}

/** `pause` may well resolve at once where the turn has been short so far. */
export async function inTurns<Result>(
  pieces: Pieces<Result>,
  pause: () => Promise<void>,
): Promise<Result> {
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
    await pause();
  }
}
