/** What the main thread and the thread that edits texts say to each other. */
import type { ServedChange } from '@riad/name-server/loading/loader-messages';

export type EditRequest = {
  readonly id: number;
  readonly zone: string;
  readonly file: string;
  readonly rootOrigin: boolean;
  readonly text: Uint8Array;
  /** What the text has not, in order. */
  readonly changes: readonly ServedChange[];
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
      /** The records of each change, for people. */
      readonly lines: readonly string[];
      readonly milliseconds: number;
    }
  | { readonly ok: false; readonly sentence: string }
);
