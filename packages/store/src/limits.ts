/** What the store takes at most, for docs/limits.md. */
import {
  defaultMaxQueuedOctets,
  defaultSegmentOctets,
  maxFreeSegments,
  maxGroupOctets,
  maxGroupPayloads,
  maxPayloadOctets,
} from './journal/journal.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  defaultSegmentOctets: {
    value: defaultSegmentOctets,
    unit: 'octets of a segment of the journal',
    reason: 'Filled with zeros ahead of its use, within some 10 ms; opening reads it whole.',
  },
  maxFreeSegments: {
    value: maxFreeSegments,
    unit: 'unused segments that keep their room on the disk',
    reason: 'One that is being prepared, and one for a burst.',
  },
  maxGroupPayloads: {
    value: maxGroupPayloads,
    unit: 'payloads synced together',
    reason: 'More do not make a payload cheaper, and the last one waits for all.',
  },
  maxGroupOctets: {
    value: maxGroupOctets,
    unit: 'octets synced together, unless one payload has more',
    reason: 'Some 10 ms of a slow disk.',
  },
  maxPayloadOctets: {
    value: maxPayloadOctets,
    unit: 'octets of a payload of the journal',
    reason: 'It is held in memory whole, twice while it is written.',
  },
  defaultMaxQueuedOctets: {
    value: defaultMaxQueuedOctets,
    unit: 'octets that wait for the disk',
    reason: 'Some seconds of a slow disk; who waits longer is better told to come back.',
  },
};
