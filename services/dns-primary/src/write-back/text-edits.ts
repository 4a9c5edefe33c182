/** What the main thread and the thread that edits texts say to each other. */
import type { WriteReason } from './write-target.ts';

export type EditRequest = {
  readonly id: number;
  readonly zone: string;
  readonly file: string;
  readonly rootOrigin: boolean;
  readonly text: Uint8Array;
  /** What the text has not, in order, as `packChanges` makes it. */
  readonly changes: Uint8Array;
  /** The folder of last good texts: the new one is left there, durable. */
  readonly textFolder: string;
  readonly sequence: number;
};

export type EditReply = { readonly id: number } & (
  | {
      readonly ok: true;
      readonly text: Uint8Array;
      /** In the folder. */
      readonly file: string;
      readonly crc32: number;
      readonly reason: WriteReason;
      /** How many there were. */
      readonly changes: number;
      readonly milliseconds: number;
    }
  | { readonly ok: false; readonly sentence: string }
);
