/**
 * Answers queries for a SOA that ask, with EXPIRE, how long the zone is good (RFC 7314): the primary says
 * what its SOA does, a secondary what is left (§3). Else a copy of a copy would live longer than it may.
 */
import { expire } from '@riad/dns/edns/expire';
import { EdnsOptionCode } from '@riad/dns/iana/edns-options';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, type Message } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { equalNames, type Name } from '@riad/dns/name';
import { timesOfSoa } from '@riad/dns-server/secondary/refresh-times';

/** Whether the answering workers leave this query to us. */
export function asksForExpire({ questions, edns }: Message): boolean {
  return (
    questions[0]?.type === RecordTypeCode.SOA &&
    edns?.options.some(({ code }) => code === EdnsOptionCode.EXPIRE) === true
  );
}

/** `answer` answers the same query without the option; its result is copied before the next call. */
export function answerWithExpire(
  query: Message,
  answer: (query: Uint8Array) => Uint8Array | undefined,
  expiresIn: ((zone: Name) => number | undefined) | undefined,
): Uint8Array | undefined {
  const { edns, questions } = query;
  const [question] = questions;
  if (edns === undefined || question === undefined) return undefined;
  const options = edns.options.filter(({ code }) => code !== EdnsOptionCode.EXPIRE);
  const answered = answer(encodeMessage({ ...query, edns: { ...edns, options } }));
  const decoded = answered === undefined ? undefined : decodeMessage(answered.slice());
  if (decoded?.ok !== true) return answered;
  const { value: message } = decoded;
  const soa = message.answers.find(
    ({ owner, type }) => type === RecordTypeCode.SOA && equalNames(owner, question.name),
  );
  // §3: only with an answer that has authority and the SOA.
  if (message.rcode !== Rcode.NOERROR || !message.flags.aa || soa === undefined) return answered;
  const seconds = expiresIn?.(question.name) ?? timesOfSoa(soa.rdata).expireSeconds;
  const own = message.edns ?? { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options: [] };
  return encodeMessage({
    ...message,
    edns: { ...own, options: [...own.options, expire.encode({ seconds })] },
  });
}
