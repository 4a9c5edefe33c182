/** Servers with one zone that a key may update: BIND and Riad, each as its users run it. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseName } from '@riad/dns/name';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { freePort } from '@riad/net/testing/free-port';
import { bindCommand, bindKey } from '../../interop/peers/bind.ts';
import { riadRunCommand } from '../../interop/peers/riad-command.ts';
import type { Command } from '../../interop/peers/server.ts';
import { firstAnswer } from '../dns-authoritative/servers.ts';
import { plainZone } from '../dns-authoritative/zones.ts';

export const updateKey: TsigKey = {
  name: parseName(`bench._update.${plainZone}.`),
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).fill(7),
};
const keyName = `bench._update.${plainZone}`;

export type UpdatableServer = {
  readonly name: string;
  readonly port: number;
  stop(): Promise<void>;
};

export async function startUpdatable(
  name: 'bind' | 'riad',
  zone: { readonly name: string; readonly text: string },
  folder: string,
  core: number,
): Promise<UpdatableServer> {
  mkdirSync(join(folder, 'zones'), { recursive: true });
  const port = await freePort();
  const zoneFile = join(folder, 'zones', zone.name);
  writeFileSync(zoneFile, zone.text);
  const secret = updateKey.secret.toBase64();
  const [command, ...args] = name === 'bind' ? bind() : riad();
  const child = spawn('taskset', ['-c', String(core), command!, ...args], { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if ((await firstAnswer(port, `host0.${zone.name}`, (octets) => octets[7]! > 0)) === undefined)
    throw new Error(`${name} does not answer`);
  return {
    name,
    port,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };

  function bind(): Command {
    return bindCommand(folder, port, {
      options: '  notify no;\n  minimal-responses yes;',
      statements: `${bindKey(keyName, 'hmac-sha256', secret)}
zone "${zone.name}" { type primary; file "${zoneFile}"; allow-update { key "${keyName}"; }; };`,
      quiet: true,
    });
  }

  function riad(): Command {
    writeFileSync(join(folder, 'zones', '_keys'), `${keyName}. DNSKEY 0 3 163 ${secret}\n`);
    return riadRunCommand(folder, 'names', [
      'type: dns-primary',
      `listen: ["udp+tcp://127.0.0.1:${port}"]`,
      `zones: { folder: ${folder}/zones }`,
      'rateLimit: { responsesPerSecond: 0 }',
      'log: error',
    ]);
  }
}
