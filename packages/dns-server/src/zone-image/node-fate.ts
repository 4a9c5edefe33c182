/** What becomes of one node in a commit. */
export type NodeFate = {
  readonly reference: number;
  readonly labels: number;
  /** The element in force before, 0 if there was none (or it said "deleted"). */
  readonly before: number;
  readonly hadRecords: boolean;
  hasRecords: boolean;
  /** Children more or less. */
  children: number;
  /** The new element of the chain. */
  made: number;
  records: number;
  rrsets: number;
};
