/** What this package takes at most; the protocol gives all of these numbers. */
import { maxMessageOctets } from './message.ts';
import { maxLabelOctets, maxLabels, maxNameOctets } from './name.ts';
import { maxRdataOctets } from './rdata/record-type.ts';

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
};
