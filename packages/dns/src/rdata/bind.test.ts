/**
 * The judge of record data is BIND: one zone with every type, written three ways (as the examples
 * are, as we print them, and as RFC 3597 hex of our wire form), must be the same zone to
 * named-compilezone, and what that prints must be what we have.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { formatHex } from '@riad/octets/hex';
import { examples } from '../testing/rdata-examples.ts';
import { rdataOf, typeOf } from '../testing/rdata-text.ts';

// TKEY has no text in BIND, TSIG stands in no zone, MD and MF are refused as obsolete, and SOA has
// its one place.
const unread = new Set(['TKEY', 'TSIG', 'MD', 'MF', 'SOA']);
// Written so, BIND wants a key, though with algorithm 0 there is none (RFC 4025 §2.4).
const unreadTexts = new Set(['10 0 0 .']);
const peer = 'named-compilezone';

const missing = spawnSync(peer, ['-v']).error !== undefined;
const skip =
  missing && process.env['CI'] !== 'true' ? `${peer} (Debian: bind9-utils) is missing` : false;

test('BIND reads and prints every type as we do', { skip }, () => {
  assert.ok(!missing, `${peer} is missing`);
  const entries = [...examples]
    .filter(([mnemonic]) => !unread.has(mnemonic))
    .flatMap(([mnemonic, texts]) => texts.map(([text]) => ({ mnemonic, text })))
    .filter(({ mnemonic, text }) => !(mnemonic === 'IPSECKEY' && unreadTexts.has(text)))
    .map((entry, i) => ({ ...entry, owner: `t${i}`, wire: rdataOf(entry.mnemonic, entry.text) }));

  const written = [
    entries.map(({ owner, mnemonic, text }) => `${owner} ${mnemonic} ${text}`),
    entries.map(
      ({ owner, mnemonic, wire }) => `${owner} ${mnemonic} ${typeOf(mnemonic).format(wire)}`,
    ),
    entries.map(
      ({ owner, mnemonic, wire }) => `${owner} ${mnemonic} \\# ${wire.length} ${formatHex(wire)}`,
    ),
  ].map(compile);

  for (const { owner, mnemonic, text, wire } of entries) {
    const [asWritten, asPrinted, asHex] = written.map((zone) => zone.get(`${owner}.example.`));
    assert.ok(asWritten !== undefined, `BIND has not ${mnemonic} ${text}`);
    assert.equal(asPrinted, asWritten, `our text of ${mnemonic} ${text}`);
    assert.equal(asHex, asWritten, `our wire form of ${mnemonic} ${text}`);
    assert.deepEqual(rdataOf(mnemonic, asWritten), wire, `BIND's text of ${mnemonic} ${text}`);
  }
});

/** What BIND prints behind the type, by owner. */
function compile(lines: readonly string[]): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'riad-bind-'));
  try {
    const source = join(folder, 'source');
    const target = join(folder, 'target');
    const head = '$ORIGIN example.\n$TTL 300\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns.other.\n';
    writeFileSync(source, `${head}${lines.join('\n')}\n`);
    const lenient = ['-i', 'none', '-k', 'ignore', '-n', 'ignore', '-m', 'ignore', '-r', 'ignore'];
    execFileSync(
      peer,
      [
        ...lenient,
        '-S',
        'ignore',
        '-T',
        'ignore',
        '-f',
        'text',
        '-F',
        'text',
        '-s',
        'full',
        '-o',
        target,
        'example.',
        source,
      ],
      { timeout: 20_000, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const printed = new Map<string, string>();
    for (const line of readFileSync(target, 'latin1').split('\n')) {
      const match = /^(\S+)\s+\d+\s+IN\s+\S+\s*(.*)$/.exec(line);
      if (match !== null) printed.set(match[1]!, match[2]!);
    }
    return printed;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer };
    assert.fail(`${peer}: ${String(stdout)} ${String(stderr)} ${String(error)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
