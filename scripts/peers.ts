/** Finds the peers that are missing and, as root on Debian, installs them. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram, packageOf } from '../interop/peers.ts';

/** Names of the programs that are still missing after installing what may be installed. */
export function missingPeers(): string[] {
  const missing = absent();
  if (missing.length === 0) return [];
  if (process.env['RIAD_PEERS'] === 'skip') {
    say(`RIAD_PEERS=skip: not installed, and tests with them skipped: ${missing.join(', ')}`);
    return missing;
  }
  const packages = [...new Set(missing.flatMap((program) => packageOf[program].split(' ')))];
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    say(`missing: ${missing.join(', ')} (Debian packages: ${packages.join(' ')})`);
    return missing;
  }
  say(`installing from Debian, without starting their services: ${packages.join(' ')}`);
  installQuietly(packages);
  return absent();
}

function absent(): (keyof typeof packageOf)[] {
  const names = Object.keys(packageOf) as (keyof typeof packageOf)[];
  return names.filter((name) => findProgram(name) === undefined);
}

/**
 * policy-rc.d with exit code 101 is Debian's way to install a server without starting it. The
 * shell removes the file however it ends; if even the shell was killed, the next run finds our
 * mark in the file and removes it. A policy-rc.d of somebody else's is left as it is.
 */
const script = `
policy=/usr/sbin/policy-rc.d
mark='# written by riad while it installs test peers'
if grep -qsF "$mark" "$policy"; then rm -f "$policy"; fi
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\n%s\\nexit 101\\n' "$mark" > "$policy"
  chmod 755 "$policy"
fi
install() { apt-get -q install -y --no-install-recommends "$@"; }
install "$@" || { apt-get -q update && install "$@"; }
`;

function installQuietly(packages: readonly string[]): void {
  const { status } = spawnSync('/bin/sh', ['-c', script, 'riad', ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) say(`apt-get could not install all of: ${packages.join(' ')}`);
}

function say(text: string): void {
  process.stderr.write(`riad: ${text}\n`);
}
