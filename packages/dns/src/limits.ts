/** What this package takes at most; the protocol gives most of these numbers. */
import { maxMessageOctets } from './message.ts';
import { maxLabelOctets, maxLabels, maxNameOctets } from './name.ts';
import { maxRdataOctets } from './rdata/record-type.ts';
import { maxReplayKeys, maxRequests, maxRequestsPerKey } from './tsig/replay-memory.ts';
import { defaultFudgeSeconds } from './tsig/tsig-key.ts';
import { maxUnsignedInARow } from './tsig/verify-stream.ts';
import { maxLineOctets, maxWidth } from './zonefile/generate.ts';
import {
  defaultMaxEntryOctets,
  defaultMaxErrors,
  defaultMaxGeneratedRecords,
  defaultMaxIncludeDepth,
  defaultMaxIncludes,
} from './zonefile/reader-options.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  maxLabelOctets: {
    value: maxLabelOctets,
    unit: 'octets',
    reason: 'RFC 1035 §2.3.4: the upper two bits of a label’s length are not its length.',
  },
  maxNameOctets: {
    value: maxNameOctets,
    unit: 'octets',
    reason: 'RFC 1035 §2.3.4, with the octet of length before each label and the root.',
  },
  maxLabels: {
    value: maxLabels,
    unit: 'labels',
    reason: 'Follows from 255 octets: one for the root, two at least for each label.',
  },
  maxRdataOctets: {
    value: maxRdataOctets,
    unit: 'octets',
    reason: 'RFC 1035 §3.2.1: RDLENGTH has 16 bits.',
  },
  maxMessageOctets: {
    value: maxMessageOctets,
    unit: 'octets',
    reason: 'RFC 1035 §4.2.2: the length before a message on TCP has 16 bits.',
  },
  maxQuestions: {
    value: 1,
    unit: 'question in a QUERY',
    reason: 'RFC 9619 §4: more than one is FORMERR.',
  },
  maxErrors: {
    value: defaultMaxErrors,
    unit: 'errors of a master file that are told',
    reason: 'More than anybody reads at once.',
  },
  maxEntryOctets: {
    value: defaultMaxEntryOctets,
    unit: 'octets of one entry of a master file',
    reason: '65,535 octets of data written as \\DDD are 262,140.',
  },
  maxIncludeDepth: {
    value: defaultMaxIncludeDepth,
    unit: 'files that include each other',
    reason: 'Deeper ones are a mistake.',
  },
  maxIncludes: {
    value: defaultMaxIncludes,
    unit: 'files that one zone includes',
    reason: 'Depth alone would allow many times more.',
  },
  maxGeneratedRecords: {
    value: defaultMaxGeneratedRecords,
    unit: 'records that `$GENERATE` makes in one zone',
    reason: '16 times the hosts of an IPv4 /16.',
  },
  maxGeneratedLineOctets: {
    value: maxLineOctets,
    unit: 'octets of a line that `$GENERATE` makes',
    reason: 'As for any entry.',
  },
  maxGenerateWidth: {
    value: maxWidth,
    unit: 'digits of a number in `$GENERATE`',
    reason: 'No name or number needs more.',
  },
  defaultFudgeSeconds: {
    value: defaultFudgeSeconds,
    unit: 'seconds that clocks may differ from what we sign',
    reason: 'RFC 8945 §10 recommends it.',
  },
  maxUnsignedInARow: {
    value: maxUnsignedInARow,
    unit: 'unsigned messages between two signed ones of a transfer',
    reason: 'RFC 8945 §5.3.1; they are kept until one verifies, 6.5 MB at most.',
  },
  maxRequestsPerKey: {
    value: maxRequestsPerKey,
    unit: 'signed requests remembered for each key',
    reason: 'Ten a second over twice the fudge; beyond that the earliest times are refused.',
  },
  maxReplayKeys: {
    value: maxReplayKeys,
    unit: 'keys whose requests are remembered',
    reason: 'As many as a server has keys.',
  },
  maxRequests: {
    value: maxRequests,
    unit: 'signed requests remembered in all',
    reason: 'About 20 MB; beyond that the key that was quiet the longest is forgotten.',
  },
};
