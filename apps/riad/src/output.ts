/** Where a command writes: what was asked for, and what there is to say about it. */
export type Output = {
  readonly stdout: { write(text: string | Uint8Array): unknown };
  readonly stderr: { write(text: string): unknown };
};
