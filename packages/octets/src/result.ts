/** What a function at a trust boundary returns: a value, or what was wrong with the input. */
export type Result<Value, Failure> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };
