/** Servers with one zone that a key may update: BIND and Riad, each as its users run it. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseName } from '@riad/dns/name';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { named } from '../../interop/peers/bind.ts';
import { freePort } from '../../interop/peers/server.ts';
import { firstAnswer } from '../dns-authoritative/servers.ts';
import { plainZone } from '../dns-authoritative/zones.ts';

export const updateKey: TsigKey = {
  name: parseName(`bench._update.${plainZone}.`),
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).fill(7),
};
const keyName = `bench._update.${plainZone}`;
const riad = join(import.meta.dirname, '..', '..', 'riad');

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
  const [command, ...args] = name === 'bind' ? bind() : riadCommand();
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

  function bind(): string[] {
    const file = join(folder, 'named.conf');
    writeFileSync(
      file,
      `options {
  directory "${folder}";
  pid-file none;
  lock-file none;
  session-keyfile none;
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion no;
  notify no;
  minimal-responses yes;
};
controls { };
logging { category default { null; }; };
key "${keyName}" { algorithm hmac-sha256; secret "${secret}"; };
zone "${zone.name}" { type primary; file "${zoneFile}"; allow-update { key "${keyName}"; }; };
`,
    );
    return [named.file, '-f', '-n', '1', '-U', '1', '-c', file];
  }

  function riadCommand(): string[] {
    writeFileSync(join(folder, 'zones', '_keys'), `${keyName}. DNSKEY 0 3 163 ${secret}\n`);
    const file = join(folder, 'riad.yaml');
    writeFileSync(
      file,
      `state: ${folder}/state
services:
  names:
    type: dns-primary
    listen: ["udp+tcp://127.0.0.1:${port}"]
    zones: { folder: ${folder}/zones }
    rateLimit: { responsesPerSecond: 0 }
    log: error
`,
    );
    return [riad, 'run', 'names', '--config', file];
  }
}
