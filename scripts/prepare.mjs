/**
 * Makes a clone ready to run: the packages of the lockfile in node_modules, and a Node ≥ 26 at
 * node_modules/.bin/node, which is what `node` means in the scripts of package.json.
 *
 * Plain JavaScript for any Node ≥ 20, started by npm's own Node, because the pinned one may not be
 * there yet or may not start. Does nothing, in a few tens of milliseconds, when all is in place.
 *
 * RIAD_NODE=/path/to/node  use this Node (≥ 26) instead of the pinned one
 * RIAD_INSTALL=skip        install nothing, neither packages nor libatomic1; only check
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const neededMajor = 26;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.riad-lockfile-sha256');
const link = join(modules, '.bin', 'node');
const pinned = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
const pinnedOffered = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
const mayInstall = process.env.RIAD_INSTALL !== 'skip';

installPackages();
linkNode(usableNode());

/** Installs exactly the lockfile, once per lockfile. */
function installPackages() {
  const stamp = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');
  const complete = !pinnedOffered || existsSync(pinned) || process.env.RIAD_NODE !== undefined;
  if (complete && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  if (!mayInstall) {
    if (existsSync(modules)) return;
    fail('node_modules is missing and RIAD_INSTALL=skip forbids installing it.');
  }
  say('installing the packages of package-lock.json (npm ci --ignore-scripts)');
  // An environment made for production (NODE_ENV, omit=dev) would leave out what tests need.
  const options = ['ci', '--ignore-scripts', '--include=dev', '--include=optional'];
  const cli = process.env.npm_execpath;
  const [command, args] = cli?.endsWith('npm-cli.js')
    ? [process.execPath, [cli, ...options]]
    : ['npm', options];
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) fail(`npm does not start: ${error.message}.`);
  if (status !== 0) fail('npm ci failed; its own message stands above.');
  writeFileSync(stampFile, stamp);
}

/** The first Node that starts and is new enough. */
function usableNode() {
  const asked = process.env.RIAD_NODE;
  if (asked !== undefined) {
    const { major, problem } = tryNode(asked);
    if (major >= neededMajor) return asked;
    fail(
      `RIAD_NODE=${asked} ${problem ?? `is Node ${major}; Riad needs ${neededMajor} or later`}.`,
    );
  }
  let problem;
  if (existsSync(pinned)) {
    let result = tryNode(pinned);
    if (result.problem?.includes('libatomic.so.1') && installLibatomic()) result = tryNode(pinned);
    if (result.major >= neededMajor) return pinned;
    problem = result.problem;
  }
  if (Number.parseInt(process.versions.node, 10) >= neededMajor) return process.execPath;
  const onPath = (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, 'node'))
    .find((file) => file !== link && existsSync(file) && tryNode(file).major >= neededMajor);
  if (onPath !== undefined) return onPath;
  if (problem?.includes('libatomic.so.1')) {
    fail('The pinned Node needs libatomic.so.1. On Debian: apt-get install libatomic1, as root.');
  }
  fail(
    problem === undefined
      ? `Riad needs Node ${neededMajor} or later; this is Node ${process.versions.node}, and no pinned one is offered for ${process.platform} on ${process.arch}. Install one and try again, or name it in RIAD_NODE.`
      : `The pinned Node ${problem}. Install Node ${neededMajor} or later and try again, or name it in RIAD_NODE.`,
  );
}

function tryNode(file) {
  const { status, stdout, stderr, error } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  if (error) return { major: 0, problem: `does not start: ${error.message}` };
  if (status !== 0) return { major: 0, problem: `does not start: ${stderr.trim()}` };
  return { major: Number.parseInt(stdout.slice(1), 10) };
}

/** Debian's slim images come without it, and Node's official binaries need it since 26. */
function installLibatomic() {
  if (!mayInstall || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false;
  say("installing Debian's libatomic1, which the pinned Node needs");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) =>
    spawnSync('apt-get', ['-q', ...args], { env, stdio: ['ignore', 2, 2] }).status === 0;
  const install = ['install', '-y', '--no-install-recommends', 'libatomic1'];
  return apt(...install) || (apt('update') && apt(...install));
}

/** npm before 11.10 makes no link when two packages offer the same command, as ours do. */
function linkNode(node) {
  const inside = node.startsWith(`${modules}/`);
  const target = inside ? relative(dirname(link), node) : node;
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === target)
    return;
  mkdirSync(dirname(link), { recursive: true });
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  renameSync(fresh, link); // never a moment without it: another script may be starting
}

function say(text) {
  process.stderr.write(`riad: ${text}\n`);
}

/** @returns {never} */
function fail(sentence) {
  say(sentence);
  process.exit(1);
}
