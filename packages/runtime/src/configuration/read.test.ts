import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { ConfigurationError, type ServiceTypes } from './configuration.ts';
import { parseListen } from './listen.ts';
import { readConfiguration } from './read.ts';

const types: ServiceTypes = {
  echo: {
    module: 'file:///echo/service.ts',
    configuration: async () => ({
      title: 'an echo',
      protocols: ['udp', 'tcp', 'tls'],
      schema: z.strictObject({
        folder: z.string().default('zones'),
        delayMs: z.number().optional(),
      }),
      paths: (config) => ({ read: [(config as { folder: string }).folder] }),
    }),
  },
};

const read = (text: string) => readConfiguration(text, 'riad.yaml', '/etc/riad', types);

test('a file with all its paths made absolute', async () => {
  const configuration = await read(`
state: ./kept
services:
  one: { type: echo, listen: ["udp+tcp://127.0.0.1:5300", "tls://[::1]:853"],
         tls: { certificate: c.pem, key: /k.pem }, delayMs: 3, log: debug }
  two: { type: echo, state: elsewhere, folder: /zones }
`);
  assert.equal(configuration.stateDirectory, '/etc/riad/kept');
  const [one, two] = configuration.services;
  assert.deepEqual(one?.config, { folder: 'zones', delayMs: 3 });
  assert.deepEqual(one?.paths, { read: ['/etc/riad/zones'], write: [] });
  assert.deepEqual(one?.tls, { certificate: '/etc/riad/c.pem', key: '/k.pem' });
  assert.equal(one?.stateDirectory, '/etc/riad/kept/one');
  assert.equal(one?.log, 'debug');
  assert.deepEqual(one?.listen[1]?.address, '::1');
  assert.equal(two?.stateDirectory, '/etc/riad/elsewhere');
  assert.equal(two?.log, 'info');
});

describe('complaints name line and column', () => {
  for (const [why, text, ...expected] of [
    ['an empty file', '', 'riad.yaml:1:1: services: '],
    ['not YAML', 'services: {', 'riad.yaml:1:12: '],
    [
      'no such service',
      'services:\n  a: { type: ftp }',
      'riad.yaml:2:8: there is no service "ftp"; there is echo',
    ],
    [
      'an unknown key',
      'services:\n  a:\n    type: echo\n    foldre: x',
      'riad.yaml:4:5: unknown key "foldre"',
    ],
    [
      'every complaint at once',
      'services:\n  a: { type: echo, delayMs: soon }\n  b: { type: echo, listen: ["ftp://127.0.0.1:1", "http://a:1", "https://127.0.0.1:1"] }',
      'riad.yaml:2:20: delayMs: ',
      'riad.yaml:3:29: listen[0]: "ftp" is none of',
      'riad.yaml:3:50: listen[1]: "a" is not an IP address',
    ],
    [
      'a protocol it does not serve, and TLS without a certificate',
      'services:\n  a: { type: echo, listen: ["https://127.0.0.1:1", "tls://127.0.0.1:1"] }',
      'riad.yaml:2:29: an echo does not serve https',
      'riad.yaml:2:29: https needs the key "tls"',
      'riad.yaml:2:52: tls needs the key "tls"',
    ],
    ['a name that cannot be a file', 'services:\n  ../a: { type: echo }', 'riad.yaml:2:3: '],
  ] as const) {
    test(why, async () => {
      await assert.rejects(read(text), (error: unknown) => {
        assert.ok(error instanceof ConfigurationError);
        const lines = error.message.split('\n');
        assert.equal(lines.length, expected.length, error.message);
        for (const [index, start] of expected.entries()) {
          assert.ok(lines[index]?.startsWith(start), `${lines[index]} should start ${start}`);
        }
        return true;
      });
    });
  }
});

test('entries of listen that are none', () => {
  for (const url of [
    '',
    '127.0.0.1:53',
    'udp://127.0.0.1',
    'udp://::1:53',
    'udp://127.0.0.1:70000',
  ]) {
    assert.equal(typeof parseListen(url), 'string', url);
  }
  assert.deepEqual(parseListen('udp+tcp://[fe80::1%eth0]:53'), {
    url: 'udp+tcp://[fe80::1%eth0]:53',
    protocols: ['udp', 'tcp'],
    address: 'fe80::1%eth0',
    port: 53,
  });
});
