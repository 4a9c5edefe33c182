/** `riad update`, `transfer` and `notify` towards BIND and Knot, which verify what they sign and sign in turn. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run as notify } from '@riad/riad/commands/notify';
import { run as transfer } from '@riad/riad/commands/transfer';
import { run as update } from '@riad/riad/commands/update';
import { CollectedOutput } from '@riad/riad/testing/collected-output';
import { bindCommand, bindKey, named } from '../../peers/bind.ts';
import { knotCommand, knot as knotd, knotKey } from '../../peers/knot.ts';
import { loopback, type Program, type RunningServer, startServer } from '../../peers/server.ts';

const secret = 'c2VjcmV0IHRoYXQgaXMgbG9uZyBlbm91Z2ggZm9yIGFueWJvZHk=';
const keyName = 'k._update.commands.test';
const algorithms = ['SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512'] as const;
const keys = algorithms.map((word) => ({
  name: `${word.toLowerCase()}.${keyName}`,
  algorithm: `hmac-${word.toLowerCase()}`,
  argument: `${word.toLowerCase()}.${keyName}:${word}:${secret}`,
}));
const zone = {
  name: 'commands.test',
  text: `$TTL 60
@ SOA ns hostmaster 1 3600 900 2419200 300
@ NS ns
ns A 192.0.2.1
sub NS ns.sub
ns.sub A 192.0.2.2
`,
};

const lines = (one: (key: (typeof keys)[number]) => string): string => keys.map(one).join('\n');
const bind: Program = {
  name: 'bind',
  configure: (folder, port, [file]) => {
    const names = keys.map(({ name }) => `key "${name}";`).join(' ');
    return bindCommand(folder, port, {
      options: `  notify no;
  empty-zones-enable no;
  dnssec-validation no;`,
      statements: `${lines(({ name, algorithm }) => bindKey(name, algorithm, secret))}
zone "${file!.name}" {
  type primary;
  file "${file!.path}";
  allow-update { ${names} };
  allow-transfer { ${names} };
  max-ixfr-ratio unlimited;
};
zone "copied.test" { type secondary; primaries port 9 { ${loopback}; }; allow-notify { ${names} }; };`,
    });
  },
};

const knot: Program = {
  name: 'knot',
  configure: (folder, port, [file]) => {
    return knotCommand(folder, port, {
      rest: `key:
${lines(({ name, algorithm }) => knotKey(name, algorithm, secret))}
remote:
  - id: nowhere
    address: ${loopback}@9
acl:
  - id: all
    key: [${keys.map(({ name }) => `"${name}"`).join(', ')}]
    action: [transfer, update, notify]
zone:
  - domain: "${file!.name}"
    file: "${file!.path}"
    acl: all
  - domain: copied.test
    file: "${folder}/copied"
    master: nowhere
    acl: all`,
    });
  },
};

const folder = mkdtempSync(join(tmpdir(), 'riad-commands-'));
after(() => rmSync(folder, { recursive: true }));

for (const [program, missing] of [
  [bind, named.missing],
  [knot, knotd.missing],
] as const) {
  describe(`the commands and ${program.name}`, { skip: missing, timeout: 60_000 }, () => {
    let server: RunningServer;
    before(async () => {
      server = await startServer(program, [zone], join(folder, program.name));
    });
    after(() => server.stop());
    const place = (key: string) => ({ port: String(server.port), timeout: '5', key });

    for (const [i, { argument }] of keys.entries()) {
      test(`${algorithms[i]}: an update is taken, refused and transferred`, async () => {
        const output = new CollectedOutput();
        const options = { ...place(argument), server: loopback };
        const record = [`host${i}.commands.test`, '60', 'A', `192.0.2.${i + 10}`];
        assert.equal(await update('add', record, options, output), 0, output.errors);
        assert.equal(
          await update('add', [`txt${i}.commands.test`, '60', 'TXT', 'a b', 'c'], options, output),
          0,
        );
        assert.match(output.errors, /^commands\.test\.: 1 change taken$/m);
        const outside = new CollectedOutput();
        const elsewhere = ['x.elsewhere.test', '60', 'A', '192.0.2.1'];
        const named = { ...options, zone: 'commands.test' };
        assert.equal(await update('add', elsewhere, named, outside), 1);
        assert.match(outside.errors, /NOTZONE/);

        const whole = new CollectedOutput();
        assert.equal(await transfer(['commands.test'], place(argument), whole), 0);
        assert.match(whole.text, new RegExp(`^host${i} +A 192\\.0\\.2\\.${i + 10}$`, 'm'));
        assert.match(whole.text, new RegExp(`^txt${i} +TXT "a b" "c"$`, 'm'));
        assert.match(whole.text, /^ns\.sub +A 192\.0\.2\.2$/m);
        const difference = new CollectedOutput();
        assert.equal(
          await transfer(['commands.test'], { ...place(argument), ixfr: '1' }, difference),
          0,
        );
        assert.match(difference.text, /^-commands\.test\.\t.*SOA\t.* 1 3600/m);
        assert.match(
          difference.text,
          new RegExp(`^\\+host${i}\\.commands\\.test\\.\t60\tIN\tA\t`, 'm'),
        );
      });

      for (const tcp of [false, true]) {
        test(`${algorithms[i]}: NOTIFY over ${tcp ? 'TCP' : 'UDP'} is acknowledged`, async () => {
          const output = new CollectedOutput();
          const options = { ...place(argument), tcp, serial: '7' };
          assert.equal(await notify('copied.test', [loopback], options, output), 0, output.errors);
          assert.match(output.errors, /acknowledged, signed by/);
        });
      }
    }

    test('a wrong secret and a key that nobody knows are told apart', async () => {
      const argument = keys[2]!.argument;
      for (const [key, expected] of [
        [argument.replace('c2Vj', 'c2Vk'), /another secret.*BADSIG/],
        [`x${argument}`, /does not know the key.*BADKEY/],
      ] as const) {
        const options = { ...place(key), server: loopback };
        await assert.rejects(
          update('delete', ['host0.commands.test'], options, new CollectedOutput()),
          expected,
        );
      }
    });
  });
}
