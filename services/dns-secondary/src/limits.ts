/** What the secondary takes at most, for docs/limits.md. */
import { writeAtMostEveryMs } from './copy-records.ts';
import { soaAnswerMs, transferMessageMs, udpMs } from './inquiries.ts';
import { maxSubscriptions } from './subscriptions.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  udpMs: {
    value: udpMs,
    unit: 'ms until a query for a SOA over UDP is asked over TCP',
    reason: 'Three copies; where UDP is filtered, TCP may do.',
  },
  soaAnswerMs: {
    value: soaAnswerMs,
    unit: 'ms until the answer to a query for a SOA over a connection',
    reason: 'The next primary is asked then.',
  },
  transferMessageMs: {
    value: transferMessageMs,
    unit: 'ms until the next message of a transfer',
    reason: 'A busy primary takes a while for the first; the whole has a limit of its own.',
  },
  maxSubscriptions: {
    value: maxSubscriptions,
    unit: 'connections on which primaries announce changes',
    reason: 'One for each primary of a small organisation, and much more.',
  },
  writeAtMostEveryMs: {
    value: writeAtMostEveryMs,
    unit: 'ms between two writes of what is known of the zones',
    reason: 'What is lost with the process only makes a zone expire earlier.',
  },
};
