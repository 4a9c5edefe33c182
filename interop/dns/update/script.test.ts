/**
 * Scripts mean to us what they mean to BIND's nsupdate and Knot's knsupdate: each program sends what a
 * script says to a socket of the test's, and its prerequisites and updates are those we would send.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { decodeMessage, type Message, noFlags, type ResourceRecord } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { formatName, parseName } from '@riad/dns/name';
import { updateMessage } from '@riad/dns-server/update/update-request';
import { readUpdateScript } from '@riad/dns-server/update/update-script';
import { encodeUtf8 } from '@riad/octets/utf8';
import { fakeServer } from '@riad/riad/testing/fake-server';
import { type PeerName, peer } from '../../peers.ts';

/** What both programs understand; knsupdate wants `prereq` and `update` spelled out. */
const shared = `prereq nxdomain new.update.test.
prereq yxdomain www.update.test.
prereq nxrrset www.update.test. AAAA
prereq yxrrset www.update.test. A
update add www.update.test. 300 A 192.0.2.1
update add www.update.test. 300 IN TXT "a b" c "semi;colon" "q\\"uote"
update add _sip._tcp.update.test. 60 SRV 1 2 5060 sip.example.
update add u.update.test. 1 TYPE65280 \\# 3 abcdef
update delete old.update.test.
update delete old.update.test. MX
update delete old.update.test. MX 10 mail.example.
update add caa.update.test. 60 CAA 0 issue "ca.example"
update add svc.update.test. 60 HTTPS 1 . alpn=h2,h3
`;
/** What nsupdate has besides. */
const ofBind = `${shared}prereq yxrrset www.update.test. IN A 192.0.2.7
nxdomain short.update.test.
ttl 77
add short.update.test. A 192.0.2.8
del short.update.test. 5 IN A 192.0.2.9
update delete all.update.test. ANY
update delete all2.update.test. IN ANY
`;

for (const [program, script] of [
  ['nsupdate', ofBind],
  ['knsupdate', shared],
] as const satisfies readonly (readonly [PeerName, string])[]) {
  const { file, missing } = peer(program);
  describe(`${program} and riad update send the same`, { skip: missing, timeout: 60_000 }, () => {
    for (const [i, part] of parts(script).entries()) {
      test(`${program}: message ${i + 1}`, async () => {
        const theirs = await sentBy(file, part);
        const { steps, errors } = readUpdateScript(encodeUtf8(part), 'script');
        assert.deepEqual(errors, []);
        const [step, ...more] = steps;
        assert.equal(more.length, 0);
        assert.ok(step?.kind === 'send');
        const message = updateMessage(parseName('update.test.'), step.update, 1);
        const ours = decodeMessage(encodeMessage(message));
        assert.ok(ours.ok);
        assert.deepEqual(sections(ours.value), sections(theirs));
      });
    }
  });
}

/** Everything in one message, then each line alone. */
function parts(script: string): string[] {
  const lines = script.trim().split('\n');
  const alone = lines.filter((line) => !line.startsWith('ttl'));
  return [script, ...alone.map((line) => (line.startsWith('add ') ? `ttl 77\n${line}` : line))];
}

/** The UPDATE that a program sends for a script; it is told that all went well. */
async function sentBy(file: string, script: string): Promise<Message> {
  const seen: Message[] = [];
  await using server = await fakeServer((octets) => {
    const decoded = decodeMessage(octets);
    assert.ok(decoded.ok);
    seen.push(decoded.value);
    const { id, opcode, questions } = decoded.value;
    const flags = { ...noFlags, qr: true };
    const nothing = { answers: [], authorities: [], additionals: [] };
    return [encodeMessage({ id, opcode, rcode: 0, flags, questions, ...nothing })];
  });
  const child = spawn(file, [], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  child.stdin.end(`server 127.0.0.1 ${server.port}
zone update.test.
${script.trimEnd()}
send
`);
  const [status] = (await once(child, 'close')) as [number | null];
  assert.equal(status, 0, said);
  const [message, ...more] = seen;
  assert.ok(message !== undefined && more.length === 0, `${seen.length} messages; ${said}`);
  return message;
}

function sections({ questions, answers, authorities }: Message) {
  const plain = ({ owner, type, class: recordClass, ttlSeconds, rdata }: ResourceRecord): string =>
    `${formatName(owner)} ${type} ${recordClass} ${ttlSeconds} ${rdata.toHex()}`;
  return {
    zone: questions.map(
      ({ name, type, class: zoneClass }) => `${formatName(name)} ${type} ${zoneClass}`,
    ),
    prerequisites: answers.map(plain),
    updates: authorities.map(plain),
  };
}
