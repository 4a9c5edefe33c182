/**
 * Keys and policy from files: those beside the zones and those in the state folder. Looked at every now
 * and then and read again when something about them has changed. A file that is wrong takes nothing
 * else with it; a policy that cannot be read leaves the last good one in force, or else lets no key do
 * anything.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressRules } from '@riad/dns-server/access/address-list';
import type { KeyFileFault } from '@riad/dns-server/access/key-file';
import { type RingChanges, ringChanges } from '@riad/dns-server/access/key-ring';
import { lockedPolicy, noPolicy, type Policy } from '@riad/dns-server/access/policy';
import type { Log } from '@riad/runtime/logging/log';
import type { AccessControl } from '../control/access-control.ts';
import { keyFilesOf } from './keys/key-folder.ts';
import { loadKeys } from './keys/load-keys.ts';
import { stateKeyFiles, stateKeyFolder } from './keys/state-keys.ts';
import { maxPolicyFileOctets } from './policy-limits.ts';

/** A look lists two folders. */
export const accessLookMs = 1000;
const policyFile = '_policy.yaml';

export type AccessFilesParts = {
  /** Where the zone files and what stands beside them are. */
  readonly folder: string;
  readonly stateDirectory: string;
  readonly originIsRoot: boolean;
  readonly addresses: AddressRules;
  readonly access: AccessControl;
  /** Hears which keys came and went. */
  readonly changed: (changes: RingChanges) => void;
  readonly log: Log;
};

export class AccessFiles {
  readonly #parts: AccessFilesParts;
  /** Undefined before the first look, which reads even where there is nothing. */
  #seen: string | undefined;
  #policy: Policy | undefined;
  #complaints: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;

  constructor(parts: AccessFilesParts) {
    this.#parts = parts;
  }

  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Resolves when the files have been read once. */
  async start(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void this.look(), accessLookMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Reads the files if they are other ones than before. */
  async look(): Promise<void> {
    const seen = this.#stamp();
    if (seen === this.#seen) return this.#reading;
    this.#seen = seen;
    this.#reading = this.#read();
    await this.#reading;
  }

  /** What tells whether a file has changed. */
  #stamp(): string {
    const { folder, stateDirectory } = this.#parts;
    const lines: string[] = [];
    for (const place of [folder, stateKeyFolder(stateDirectory)]) {
      if (!existsSync(place)) continue;
      for (const name of readdirSync(place)) {
        const concerns = place !== folder || name.endsWith('_keys') || name === policyFile;
        if (!concerns) continue;
        const status = statSync(join(place, name), { throwIfNoEntry: false });
        if (status !== undefined)
          lines.push(`${place}/${name} ${status.mtimeMs} ${status.size} ${status.ino}`);
      }
    }
    return lines.sort().join('\n');
  }

  async #read(): Promise<void> {
    const { folder, stateDirectory, originIsRoot, addresses, access, changed, log } = this.#parts;
    const state = stateKeyFiles(stateDirectory);
    const beside = existsSync(folder)
      ? keyFilesOf(folder, originIsRoot)
      : { files: [], faults: [] };
    const loaded = loadKeys([...state.files, ...beside.files]);
    const faults = [...state.faults, ...beside.faults, ...loaded.faults];
    for (const fault of faults) log.error('key not taken', { reason: sentenceOf(fault) });
    for (const warning of [...state.warnings, ...loaded.warnings])
      log.warn('key file warning', { reason: sentenceOf(warning) });
    const policy = await this.#readPolicy();
    this.#complaints = [...faults.map(sentenceOf), ...policy.complaints];
    for (const reason of policy.complaints) log.error('policy not taken', { reason });
    const changes = ringChanges(access.ring, loaded.ring);
    access.replace(loaded.ring, { addresses, policy: policy.policy });
    changed(changes);
    log.info('keys read', { keys: loaded.ring.size, rules: policy.policy.rules.length });
  }

  async #readPolicy(): Promise<{ policy: Policy; complaints: string[] }> {
    const path = join(this.#parts.folder, policyFile);
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) {
      this.#policy = noPolicy;
      return { policy: noPolicy, complaints: [] };
    }
    const last = this.#policy ?? lockedPolicy;
    const refuse = (complaints: string[]): { policy: Policy; complaints: string[] } => ({
      policy: last,
      complaints,
    });
    if (status.size > maxPolicyFileOctets)
      return refuse([`${path}: a policy has at most ${maxPolicyFileOctets} octets`]);
    // YAML and schemas are loaded only where there is a policy.
    const { readPolicyFile } = await import('./policy-file.ts');
    const reading = readPolicyFile(readFileSync(path, 'utf8'));
    if (!reading.ok)
      return refuse(
        reading.complaints.map(
          ({ line, column, sentence }) => `${path}:${line}:${column}: ${sentence}`,
        ),
      );
    this.#policy = reading.policy;
    return { policy: reading.policy, complaints: [] };
  }
}

function sentenceOf({ file, line, column, message }: KeyFileFault): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`;
}
