/** What transfers need to know of signatures, and how they end early. Both are given from outside. */

/** Signs the messages of one answer in their order (RFC 8945 §5.3.1). */
export interface MessageSigner {
  /** The most octets that a signature adds to a message. */
  readonly maxOctets: number;
  /** The message with its signature: octets of its own, or the same when this one goes unsigned. */
  sign(message: Uint8Array): Uint8Array;
}

/** Checks the messages of one answer in their order. */
export interface MessageVerifier {
  /** `message` is without its signature. */
  verify(octets: Uint8Array): Verified;
  /** Whether an answer may end with the message that was verified last: the last must be signed (§5.3.1). */
  mayEnd(): boolean;
}

export type Verified =
  | { readonly ok: true; readonly message: Uint8Array }
  | { readonly ok: false; readonly code: string };

export const codes = {
  'transfer.record-too-large': 'a record does not fit into a message beside its signature',
  'transfer.too-slow': 'the peer took longer for a transfer than the version is kept',
} as const;

/** A transfer that cannot be brought to its end: the connection is closed, so that the peer sees it. */
export class TransferAborted extends Error {
  readonly code: keyof typeof codes;

  constructor(code: keyof typeof codes) {
    super(codes[code]);
    this.name = 'TransferAborted';
    this.code = code;
  }
}
