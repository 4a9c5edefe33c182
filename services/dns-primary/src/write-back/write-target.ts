/** Where zone files lie, for who writes into them what updates have changed. */
import type { CommitText } from './commit-text.ts';

export type TargetText = {
  readonly octets: Uint8Array;
  /** Tells this version of the file from others. */
  readonly version: string;
};

export type WriteReason = CommitText & {
  /** Of the last change that is in the text. */
  readonly sequence: number;
};

export interface WriteTarget {
  /** Undefined when there is no such file. */
  read(file: string): Promise<TargetText | undefined>;
  /** Puts `octets` in the place of that version; false when somebody else has changed the file. */
  write(file: string, version: string, octets: Uint8Array, reason: WriteReason): Promise<boolean>;
}
