/**
 * Landlock (Linux 5.13): a process limits itself, and all it starts, to parts of the file system.
 * It binds the calling thread, so it is meant for a single-threaded moment right before `execute`.
 * Not limited here: the network, which services reach through sockets they were handed.
 */
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { libc, systemCallError } from './libc.ts';

export type FileRights = {
  /** Read files and list folders, and run programs among them. */
  readonly read: readonly string[];
  /** All that, and write, make, rename and remove below. */
  readonly write: readonly string[];
};

// System call numbers, the same on every architecture since they came late.
const createRuleset = 444;
const addRule = 445;
const restrictSelf = 446;
const versionFlag = 1;
const ruleTypePathBeneath = 1;
const O_PATH = 0o10000000;
const rulesetOctets = 8; // struct landlock_ruleset_attr up to handled_access_fs
const pathBeneathOctets = 12; // struct landlock_path_beneath_attr is packed: u64 and s32

const execute = 1n << 0n;
const writeFile = 1n << 1n;
const readFile = 1n << 2n;
const readDirectory = 1n << 3n;
const refer = 1n << 13n; // rename or link between folders, ABI 2
const truncate = 1n << 14n; // ABI 3
const ioctlDevice = 1n << 15n; // ABI 5
const firstAbi = (1n << 13n) - 1n; // the thirteen rights of ABI 1
const fileRights = execute | writeFile | readFile | truncate | ioctlDevice;

/** The kernel's Landlock ABI, 0 where it has none or it is switched off. */
export function landlockAbi(): number {
  const version = libc().func('long syscall(long number, void *attr, size_t size, uint32_t flags)');
  return Math.max(0, Number(version(createRuleset, null, 0, versionFlag)));
}

/**
 * From here on this thread, and every program it becomes or starts, can open nothing else. Paths
 * that do not exist are left out. Requires no_new_privs. Throws `RangeError` without Landlock.
 */
export function restrictFiles(rights: FileRights): void {
  const abi = landlockAbi();
  if (abi === 0) throw new RangeError('this kernel has no Landlock');
  const handled =
    firstAbi | (abi >= 2 ? refer : 0n) | (abi >= 3 ? truncate : 0n) | (abi >= 5 ? ioctlDevice : 0n);
  const attributes = new Uint8Array(rulesetOctets);
  new DataView(attributes.buffer).setBigUint64(0, handled, true);
  const create = libc().func('long syscall(long number, void *attr, size_t size, uint32_t flags)');
  const ruleset = Number(create(createRuleset, attributes, rulesetOctets, 0));
  if (ruleset < 0) throw systemCallError('landlock_create_ruleset');
  try {
    for (const path of rights.read) allow(ruleset, path, execute | readFile | readDirectory);
    for (const path of rights.write) allow(ruleset, path, handled);
    const restrict = libc().func('long syscall(long number, int ruleset, uint32_t flags)');
    if (Number(restrict(restrictSelf, ruleset, 0)) !== 0) {
      throw systemCallError('landlock_restrict_self');
    }
  } finally {
    closeSync(ruleset);
  }
}

function allow(ruleset: number, path: string, wanted: bigint): void {
  if (!existsSync(path)) return;
  // The kernel refuses a folder's rights on a file.
  const rights = statSync(path).isDirectory() ? wanted : wanted & fileRights;
  const parent = openSync(path, O_PATH);
  try {
    const rule = new Uint8Array(pathBeneathOctets);
    const view = new DataView(rule.buffer);
    view.setBigUint64(0, rights, true);
    view.setInt32(8, parent, true);
    const add = libc().func(
      'long syscall(long number, int ruleset, int type, void *attr, uint32_t flags)',
    );
    if (Number(add(addRule, ruleset, ruleTypePathBeneath, rule, 0)) !== 0) {
      throw systemCallError('landlock_add_rule', path);
    }
  } finally {
    closeSync(parent);
  }
}
