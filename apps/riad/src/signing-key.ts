/**
 * The key that a command signs with: in one word, by its name in the state folder of a name server, or
 * from a file. What everybody can read in the list of processes is no place for a secret, so that
 * `--key-file` and names are there; no complaint repeats a secret.
 */
import { readFileSync, statSync } from 'node:fs';
import { canonicalName, formatName, root } from '@riad/dns/name';
import { parseKeyArgument } from '@riad/dns/tsig/key-argument';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { maxKeyFileOctets, readKeyFile } from '@riad/dns-server/access/key-file';
import { KeyRing } from '@riad/dns-server/access/key-ring';
import { readStateKey } from '@riad/name-server/access/keys/state-keys';
import { parseBindKeys } from './commands/key-forms.ts';
import { nameOf } from './name-argument.ts';
import { findNameServer, type NameServerOption } from './name-server.ts';
import type { Output } from './output.ts';
import { Refusal } from './refusal.ts';

export type KeyOption = NameServerOption & { readonly key?: string; readonly keyFile?: string };

/** Undefined when none was asked for. */
export async function signingKey(
  options: KeyOption,
  output: Pick<Output, 'stderr'> = process,
): Promise<TsigKey | undefined> {
  const { key, keyFile } = options;
  if (keyFile !== undefined) {
    if (key?.includes(':')) throw new Refusal('give --key-file, or a secret with --key, not both');
    return chosen(keysOfFile(keyFile, output), key, keyFile);
  }
  if (key === undefined) return undefined;
  if (key.includes(':')) return keyOfWord(key, '--key');
  const { stateDirectory } = await findNameServer(options);
  const stored = readStateKey(stateDirectory, canonicalName(nameOf(key)));
  const [newest] = stored?.key?.secrets ?? [];
  if (newest !== undefined) return newest;
  const [fault] = stored?.faults ?? [];
  throw new Refusal(
    fault === undefined
      ? `${key} is not kept in ${stateDirectory}/keys; riad key list names those that are`
      : `${fault.file}:${fault.line}: ${fault.message}`,
  );
}

/** `name:ALG:base64`, or as dig has it behind -y: `hmac-sha256:name:base64`. */
function keyOfWord(text: string, where: string): TsigKey {
  const digs = /^hmac-(\w+):([^:]*):([^:]*)$/i.exec(text);
  const word = digs === null ? text : `${digs[2]}:${digs[1]!.toUpperCase()}:${digs[3]}`;
  try {
    return parseKeyArgument(word);
  } catch (error) {
    throw new Refusal(`${where}: ${(error as Error).message}`);
  }
}

/** A file with one key in a word, with BIND’s key clauses, or with keys as they lie beside zones. */
export function keysOfFile(file: string, { stderr }: Pick<Output, 'stderr'>): readonly TsigKey[] {
  const { size, mode } = statSync(file);
  if (size > maxKeyFileOctets) throw new Refusal(`${file}: a key file is smaller`);
  if ((mode & 0o077) !== 0) stderr.write(`${file}: others than its owner may use it: chmod 600\n`);
  const octets = readFileSync(file);
  const text = octets.toString();
  const words = text.trim();
  if (/^[^\s:;"]+:[^\s:]+:[^\s:]+$/.test(words)) return [keyOfWord(words, file)];
  if (/^\s*key\s/m.test(text) && text.includes('{')) return parseBindKeys(text, file);
  const { keys, faults } = readKeyFile({ file, text: octets, zone: root, origin: root });
  const [fault] = faults;
  if (fault !== undefined && keys.length === 0) {
    throw new Refusal(`${file}:${fault.line}:${fault.column}: ${fault.message}`);
  }
  return [...new KeyRing(keys).keys()].flatMap(({ secrets: [newest] }) => newest ?? []);
}

function chosen(keys: readonly TsigKey[], named: string | undefined, file: string): TsigKey {
  const wanted = named === undefined ? undefined : formatName(canonicalName(nameOf(named)));
  const found = keys.filter(({ name }) => wanted === undefined || formatName(name) === wanted);
  const [key] = found;
  if (key !== undefined && found.length === 1) return key;
  const names = keys.map(({ name }) => formatName(name).slice(0, -1)).join(', ');
  if (keys.length === 0) throw new Refusal(`${file}: there is no key in it`);
  throw new Refusal(`${file}: which key? --key is one of: ${names}`);
}
