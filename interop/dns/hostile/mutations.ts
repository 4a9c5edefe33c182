/** Ways to make a good query wrong, or only strange; each knows what a message is made of. */
import type { Random } from '@riad/octets/testing/random';
import {
  type MessageParts,
  optionOctets,
  optParts,
  type RecordParts,
  uint16,
} from './message-parts.ts';

export type Mutation = {
  readonly name: string;
  readonly apply: (message: MessageParts, random: Random) => void;
};

const octets = (random: Random, length: number): number[] => [...random.octets(length)];

/** The OPT record of the message, made if there is none. */
function opt(message: MessageParts): RecordParts {
  const [, , additional] = message.sections;
  let found = additional.find(({ type }) => type === 41);
  if (found === undefined) {
    found = optParts();
    additional.push(found);
  }
  return found;
}

function mutation(name: string, apply: Mutation['apply']): Mutation {
  return { name, apply };
}

/** The name of the first question, or another to play with. */
function questionName(message: MessageParts): number[] {
  if (message.questions.length === 0)
    message.questions.push({ name: [0], type: 1, questionClass: 1 });
  return message.questions[0]!.name;
}

function setName(message: MessageParts, name: number[]): void {
  questionName(message);
  message.questions[0]!.name = name;
}

const addressRecord = (owner: number[]): RecordParts => ({
  owner,
  type: 1,
  recordClass: 1,
  ttl: 60,
  rdata: [192, 0, 2, 1],
});

/** `key.test.`, hmac-sha256, a time long past, a MAC of nothing (RFC 8945 §4.2). */
function tsig(message: MessageParts): RecordParts {
  const algorithm = [11, ...Buffer.from('hmac-sha256'), 0];
  const mac = Array<number>(32).fill(7);
  const tail = [0, 0, 0x65, 0, 0, 0, ...uint16(300), ...uint16(mac.length), ...mac];
  return {
    owner: [3, ...Buffer.from('key'), 4, ...Buffer.from('test'), 0],
    type: 250,
    recordClass: 255,
    ttl: 0,
    rdata: [...algorithm, ...tail, 0, 0, 0, 0, 0, message.sections.length === 3 ? 0 : 1],
  };
}

/** SIG(0), RFC 2931 §3: type covered 0, and a signature nobody can check. */
const sig0: RecordParts = {
  owner: [0],
  type: 24,
  recordClass: 255,
  ttl: 0,
  rdata: [
    0,
    0,
    13,
    0,
    0,
    0,
    0,
    0,
    0x7f,
    0,
    0,
    0,
    0x60,
    0,
    0,
    0,
    0,
    1,
    1,
    0x61,
    0,
    ...Array<number>(64).fill(9),
  ],
};

export const mutations: readonly Mutation[] = [
  mutation('another opcode', (message, random) => {
    message.flags = (message.flags & 0x87ff) | (random.below(16) << 11);
  }),
  mutation('an answer, not a query', (message) => {
    message.flags |= 0x8000;
  }),
  mutation('any flags', (message, random) => {
    message.flags = (message.flags & 0xf800) | random.below(0x800);
  }),
  mutation('any header', (message, random) => {
    message.flags = random.below(0x10000);
  }),
  mutation('an RCODE in the query', (message, random) => {
    message.flags |= random.below(16);
  }),
  mutation('a count that lies', (message, random) => {
    const which = random.below(4);
    const truth = which === 0 ? message.questions.length : message.sections[which - 1]!.length;
    message.claimedCounts[which] = random.pick([
      truth + 1,
      truth + 2,
      Math.max(0, truth - 1),
      255,
      65535,
    ]);
  }),
  mutation('no question', (message) => {
    message.questions = [];
  }),
  mutation('two questions', (message) => {
    message.questions.push(...message.questions.slice(0, 1));
  }),
  mutation('any type', (message, random) => {
    questionName(message);
    message.questions[0]!.type = random.pick([
      0,
      3,
      10,
      24,
      41,
      128,
      249,
      250,
      251,
      252,
      253,
      254,
      255,
      256,
      65535,
      random.below(65536),
    ]);
  }),
  mutation('any class', (message, random) => {
    questionName(message);
    message.questions[0]!.questionClass = random.pick([0, 2, 3, 4, 254, 255, 256, 65535]);
  }),
  mutation('a label length changed', (message, random) => {
    const name = questionName(message).slice();
    let at = 0;
    while (random.chance(0.5) && name[at] !== 0 && name[at + name[at]! + 1] !== undefined)
      at += name[at]! + 1;
    name[at] = random.pick([
      0,
      name[at]! + 1,
      Math.max(0, name[at]! - 1),
      63,
      64,
      65,
      127,
      128,
      191,
      255,
    ]);
    setName(message, name);
  }),
  mutation('a name that ends in a pointer', (message, random) => {
    const name = questionName(message).slice(0, -1);
    setName(message, [
      ...name,
      0xc0 | random.pick([0, 0, 0, 0x3f]),
      random.pick([0, 4, 12, 12 + name.length, 13, 40, 255]),
    ]);
  }),
  mutation('a name without its end', (message) => {
    setName(message, questionName(message).slice(0, -1));
  }),
  mutation('a name of many octets', (message, random) => {
    const label = random.pick([1, 2, 30, 63]);
    const whole = random.pick([253, 254, 255, 256, 257, 300, 600]);
    const name: number[] = [];
    while (name.length + label + 2 <= whole) name.push(label, ...Array<number>(label).fill(0x61));
    const rest = whole - name.length - 2;
    if (rest > 0) name.push(rest, ...Array<number>(rest).fill(0x62));
    setName(message, [...name, 0]);
  }),
  mutation('a label of any octets', (message, random) => {
    const length = random.between(1, 63);
    setName(message, [length, ...octets(random, length), ...questionName(message)]);
  }),
  mutation('the root', (message) => setName(message, [0])),
  mutation('an EDNS version', (message, random) => {
    opt(message).ttl |= random.pick([1, 2, 255]) << 16;
  }),
  mutation('a payload size', (message, random) => {
    opt(message).recordClass = random.pick([0, 1, 511, 512, 513, 4096, 65535]);
  }),
  mutation('an extended RCODE in the query', (message, random) => {
    opt(message).ttl |= random.between(1, 255) << 24;
  }),
  mutation('EDNS flags', (message, random) => {
    opt(message).ttl |= random.below(0x10000);
  }),
  mutation('OPT with an owner', (message, random) => {
    opt(message).owner = random.pick([
      [1, 0x61, 0],
      [0xc0, 12],
      [3, 0x77, 0x77, 0x77, 0xc0, 12],
    ]);
  }),
  mutation('OPT twice', (message) => {
    message.sections[2].push({ ...opt(message) });
  }),
  mutation('OPT in another section', (message, random) => {
    const record = opt(message);
    message.sections[2] = message.sections[2].filter((other) => other !== record);
    message.sections[random.below(2)]!.push(record);
  }),
  mutation('RDLENGTH that lies', (message, random) => {
    const record = random.pick([opt(message), ...message.sections.flat()]);
    record.claimedLength = random.pick([
      record.rdata.length + 1,
      Math.max(0, record.rdata.length - 1),
      0,
      4,
      11,
      512,
      65535,
    ]);
  }),
  mutation('an unknown option', (message, random) => {
    opt(message).rdata.push(
      ...optionOctets(random.between(16, 65535), octets(random, random.below(20))),
    );
  }),
  mutation('a cookie of any length', (message, random) => {
    opt(message).rdata.push(...optionOctets(10, octets(random, random.between(0, 41))));
  }),
  mutation('an option with a value it has not', (message, random) => {
    opt(message).rdata.push(
      ...optionOctets(random.pick([3, 5, 9, 11, 12, 13, 14, 15]), octets(random, random.below(12))),
    );
  }),
  mutation('a client subnet', (message, random) => {
    const good = [0, 1, 24, 0, 192, 0, 2];
    opt(message).rdata.push(
      ...optionOctets(
        8,
        random.pick([
          good,
          [0, 1, 24, 0, 192, 0],
          [0, 9, 8, 0, 1],
          [0, 1, 33, 0, 1, 2, 3, 4, 5],
          [],
          [0, 1, 20, 0, 192, 0, 15],
        ]),
      ),
    );
  }),
  mutation('an option length that lies', (message, random) => {
    const value = octets(random, 8);
    opt(message).rdata.push(
      ...uint16(random.pick([3, 10, 12, 65001])),
      ...uint16(random.pick([7, 9, 255, 65535])),
      ...value,
    );
  }),
  mutation('an option header cut', (message, random) => {
    opt(message).rdata.push(...octets(random, random.between(1, 3)));
  }),
  mutation('many options', (message, random) => {
    const each = optionOctets(random.pick([3, 12, 65001]), []);
    for (let i = random.between(10, 90); i > 0; i--) opt(message).rdata.push(...each);
  }),
  mutation('a record in a section', (message, random) => {
    const owner = random.pick([[0], [0xc0, 12], [1, 0x78, 0]]);
    random.pick(message.sections).push(addressRecord(owner));
  }),
  mutation('a record with broken data', (message, random) => {
    random.pick(message.sections).push({
      ...addressRecord([0xc0, 12]),
      type: random.pick([1, 2, 6, 15, 28, 33, 46, 47]),
      rdata: octets(random, random.below(12)),
    });
  }),
  mutation('a record with a bad owner', (message, random) => {
    random
      .pick(message.sections)
      .push(addressRecord(random.pick([[0xc0], [0xff, 0xff], [0x40, 0], [0x80, 0], [5, 1, 2]])));
  }),
  mutation('sections twice', (message) => {
    for (const section of message.sections) section.push(...section.map((one) => ({ ...one })));
  }),
  mutation('a TSIG record', (message) => {
    message.sections[2].push(tsig(message));
  }),
  mutation('a TSIG record before others', (message) => {
    message.sections[2].unshift(tsig(message));
    opt(message);
  }),
  mutation('a TSIG record in another section', (message, random) => {
    message.sections[random.below(2)]!.push(tsig(message));
  }),
  mutation('a broken TSIG record', (message, random) => {
    const record = tsig(message);
    const at = random.below(record.rdata.length);
    if (random.chance(0.5)) record.rdata = record.rdata.slice(0, at);
    else record.rdata[at] = random.below(256);
    message.sections[2].push(record);
  }),
  mutation('a SIG(0) record', (message) => {
    message.sections[2].push({ ...sig0, rdata: [...sig0.rdata] });
  }),
  mutation('trailing octets', (message, random) => {
    message.trailing.push(...octets(random, random.pick([1, 2, 4, 11, 12, 100, 480])));
  }),
  mutation('cut', (message, random) => {
    message.cutAt = random.below(30 + (message.questions[0]?.name.length ?? 0));
  }),
];
