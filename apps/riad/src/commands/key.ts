/**
 * `riad key generate|rotate|list`: the keys in the state folder of a name server. They are changed on
 * the disk, and a server that runs is told; it need not run. Secrets are printed once, when made.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { canonicalName, formatName, type Name, parseName } from '@riad/dns/name';
import { type HmacAlgorithm, hmacAlgorithms, hmacOfArgument } from '@riad/dns/tsig/hmac';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import type { KeyFileFault } from '@riad/dns-server/access/key-file';
import { readKeyName } from '@riad/dns-server/access/key-name';
import type { RingKey } from '@riad/dns-server/access/key-ring';
import { loadKeys } from '@riad/name-server/access/keys/load-keys';
import {
  isStorableName,
  lockStateKeys,
  readStateKey,
  stateKeyFiles,
  writeStateKey,
} from '@riad/name-server/access/keys/state-keys';
import { askService } from '@riad/runtime/control/control-client';
import { asOwnerOf } from '../as-owner.ts';
import { findNameServer, type NameServerOption } from '../name-server.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';
import { formatKey, formatKeyForAll, type KeyForm, keyForms } from './key-forms.ts';

type Options = NameServerOption & {
  readonly algorithm?: string;
  readonly form?: string;
  readonly finish?: boolean;
  readonly json?: boolean;
};

/** Another command holds the lock for milliseconds. */
const lockPatienceMs = 5000;
const lockLookMs = 20;

export async function run(
  action: 'generate' | 'rotate' | 'list',
  nameText: string | undefined,
  options: Options,
  output: Output = process,
): Promise<number> {
  const { socket, stateDirectory } = await findNameServer(options);
  if (action === 'list') return list(stateDirectory, options, output);
  const name = keyName(nameText ?? '');
  const form = options.form === undefined ? undefined : keyForm(options.form);
  if (options.finish && (options.algorithm ?? form) !== undefined) {
    throw new Refusal('--finish makes no secret, so that neither --algorithm nor --form fits');
  }
  const outcome = await asOwnerOf(stateDirectory, async () => {
    using _lock = await waitForLock(stateDirectory);
    if (action === 'generate') return generate(stateDirectory, name, options);
    return options.finish ? finish(stateDirectory, name) : rotate(stateDirectory, name, options);
  });
  print(outcome, form, options.json === true, output);
  output.stderr.write(`${await tell(socket)}\n`);
  return 0;
}

type Outcome = {
  readonly key: RingKey;
  /** Just made, and printed. */
  readonly made: TsigKey | undefined;
  readonly file: string;
  readonly sentence: string;
};

function generate(stateDirectory: string, name: Name, options: Options): Outcome {
  if (readStateKey(stateDirectory, name) !== undefined) {
    throw new Refusal(`${text(name)} is there already; for another secret: riad key rotate`);
  }
  const made = newKey(name, algorithmOf(options) ?? 'hmac-sha256');
  const file = writeStateKey(stateDirectory, [made]);
  const key = storedKey(stateDirectory, name);
  return { key, made, file, sentence: `${text(name)} is kept in ${file}` };
}

function rotate(stateDirectory: string, name: Name, options: Options): Outcome {
  const { secrets } = storedKey(stateDirectory, name);
  const [newest, older] = secrets;
  if (newest === undefined || older !== undefined) {
    throw new Refusal(
      `${text(name)} has two secrets already; when everybody uses the newer: riad key rotate --finish ${text(name)}`,
    );
  }
  const made = newKey(name, algorithmOf(options) ?? newest.algorithm);
  const file = writeStateKey(stateDirectory, [made, newest]);
  const sentence = `both secrets of ${text(name)} are good; when everybody uses the new one: riad key rotate --finish ${text(name)}`;
  return { key: storedKey(stateDirectory, name), made, file, sentence };
}

function finish(stateDirectory: string, name: Name): Outcome {
  const { secrets } = storedKey(stateDirectory, name);
  const [newest, older] = secrets;
  if (newest === undefined || older === undefined) {
    throw new Refusal(`${text(name)} has one secret only; nothing is being replaced`);
  }
  const file = writeStateKey(stateDirectory, [newest]);
  const key = storedKey(stateDirectory, name);
  return { key, made: undefined, file, sentence: `the older secret of ${text(name)} is gone` };
}

/** What the server will read; a file that is not a key is the operator's to mend. */
function storedKey(stateDirectory: string, name: Name): RingKey {
  const stored = readStateKey(stateDirectory, name);
  if (stored === undefined) {
    throw new Refusal(
      `${text(name)} is not kept in ${stateDirectory}/keys; keys in a repository are changed there`,
    );
  }
  const [fault] = stored.faults;
  if (fault !== undefined || stored.key === undefined) {
    throw new Refusal(fault === undefined ? `${text(name)}: its file is empty` : where(fault));
  }
  return stored.key;
}

function newKey(name: Name, algorithm: HmacAlgorithm): TsigKey {
  // RFC 2104 §3: no shorter than what the hash gives.
  const secret = new Uint8Array(randomBytes(hmacAlgorithms[algorithm].octets));
  return { name, algorithm, secret };
}

function keyName(nameText: string): Name {
  let name: Name;
  try {
    name = canonicalName(parseName(nameText.endsWith('.') ? nameText : `${nameText}.`));
  } catch (error) {
    throw new Refusal(`"${nameText}" is no name: ${(error as Error).message}`);
  }
  const reading = readKeyName(name);
  if (!reading.grants) {
    throw new Refusal(
      `a key named "${nameText}" would grant nothing; its name is anything, then _update, _transfer or _notify, then a zone: laptop._update.example.com`,
    );
  }
  if (!isStorableName(name)) {
    throw new Refusal(`"${nameText}": keep to letters, digits, - and _, and to 240 characters`);
  }
  return name;
}

function algorithmOf({ algorithm }: Options): HmacAlgorithm | undefined {
  if (algorithm === undefined) return undefined;
  const word = algorithm.toUpperCase().replace(/^HMAC-/, '');
  const found = hmacOfArgument(word);
  if (found !== undefined) return found;
  const known = Object.values(hmacAlgorithms).map(({ argument }) => argument);
  throw new Refusal(`--algorithm ${algorithm}: there is ${known.join(', ')}`);
}

function keyForm(word: string): KeyForm {
  const form = keyForms.find((each) => each === word);
  if (form === undefined) throw new Refusal(`--form ${word}: there is ${keyForms.join(', ')}`);
  return form;
}

function print(
  { key, made, file, sentence }: Outcome,
  form: KeyForm | undefined,
  json: boolean,
  { stdout, stderr }: Output,
): void {
  if (json) {
    const secret = made && { secret: made.secret.toBase64(), forms: formsOf(made) };
    stdout.write(`${JSON.stringify({ ...described(key), file, ...secret })}\n`);
  } else if (made !== undefined) {
    stdout.write(`${form === undefined ? formatKeyForAll(made) : formatKey(made, form)}\n`);
  }
  stderr.write(`${sentence}\n`);
}

function formsOf(key: TsigKey): Record<string, string> {
  return Object.fromEntries(keyForms.map((form) => [form, formatKey(key, form)]));
}

function list(stateDirectory: string, { json }: Options, { stdout, stderr }: Output): number {
  const { files, faults, warnings } = stateKeyFiles(stateDirectory);
  const loaded = loadKeys(files);
  const keys = [...loaded.ring.keys()].map(described);
  const bad = [...faults, ...loaded.faults];
  const odd = [...warnings, ...loaded.warnings];
  if (json) {
    stdout.write(`${JSON.stringify({ keys, faults: bad, warnings: odd })}\n`);
  } else {
    for (const { name, right, zone, algorithms, primary, secondary } of keys) {
      const peers = primary === undefined ? '' : `, ${primary} to ${secondary ?? 'whoever asks'}`;
      const grants = right === undefined ? 'grants nothing' : `${right} ${zone}${peers}`;
      const secrets = algorithms.length > 1 ? ', being replaced' : '';
      stdout.write(`${name}  ${grants}  ${algorithms.join(' and ')}${secrets}\n`);
    }
    for (const fault of bad) stderr.write(`${where(fault)}\n`);
    for (const warning of odd) stderr.write(`${where(warning)} (a warning)\n`);
  }
  return bad.length === 0 ? 0 : 1;
}

/** All but the secrets. */
function described({ name, secrets, grant }: RingKey) {
  return {
    name: text(name),
    right: grant?.right,
    zone: grant && formatName(grant.zone),
    primary: grant?.peers?.primary,
    secondary: grant?.peers?.secondary,
    /** The newest secret's first. */
    algorithms: secrets.map(({ algorithm }) => algorithm),
    replacing: secrets.length > 1,
  };
}

function where({ file, line, column, message }: KeyFileFault): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`;
}

function text(name: Name): string {
  return formatName(name).slice(0, -1);
}

/** What became of telling the server; that it does not run, or knows no such command, is no failure. */
async function tell(socket: string): Promise<string> {
  const answer = await askService(socket, 'POST', '/commands/keys.reload').catch(
    (error: Error) => error,
  );
  if (answer === undefined) return 'the name server does not run, and will read it when it starts';
  if (answer instanceof Error) return `the name server was not told: ${answer.message}`;
  if (answer.status === 200) return 'the name server has read it';
  if (answer.status === 404) return 'the name server runs, and reads it when it starts again';
  const { error } = (answer.body ?? {}) as { error?: string };
  return `the name server has not taken it: ${error ?? `status ${answer.status}`}`;
}

async function waitForLock(stateDirectory: string): Promise<Disposable> {
  const deadline = performance.now() + lockPatienceMs;
  for (;;) {
    const lock = lockStateKeys(stateDirectory);
    if (lock !== undefined) return lock;
    if (performance.now() > deadline) {
      throw new Refusal(`another command holds ${stateDirectory}/keys/.lock`);
    }
    await setTimeout(lockLookMs);
  }
}
