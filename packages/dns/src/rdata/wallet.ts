/** WALLET: the address of a wallet, as text. */
import { characterStrings } from './character-string.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Wallet = {
  readonly strings: readonly Uint8Array[];
};

export const wallet: RecordType<Wallet> = recordType({
  code: 262,
  mnemonic: 'WALLET',
  reference: 'IANA',
  fields: [characterStrings('strings')],
});
