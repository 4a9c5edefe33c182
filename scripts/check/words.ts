/** Text that has no place in the repository, wherever it stands. */
import { basename } from 'node:path';
import { type Complaints, read, textFiles } from './repository.ts';

// Written apart, so that this file passes its own check.
const unfinished = new RegExp(
  `\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b|\\bfor ${'now'}\\b|not (?:yet )?${'implemented'}\\b`,
);
const machinePath = /(?<![\w.~/-])\/(?:home|root|work|Users)\/[\w.-]+/;
const vagueName = /^(?:utils?|helpers?|misc|common|manager)(?:\.|$)/i;

export function checkWords(): Complaints {
  const complaints: Complaints = [];
  for (const { file, text } of textFiles()) {
    if (file === 'package-lock.json') continue;
    if (file.split('/').some((part) => vagueName.test(basename(part)))) {
      complaints.push(`${file}: this name says nothing; name what it is`);
    }
    for (const [index, line] of text.split('\n').entries()) {
      const place = `${file}:${index + 1}`;
      const word = unfinished.exec(line)?.[0];
      // "NOTIMP" is called "Not Implemented" by RFC 1035; registries and texts may say so.
      if (word && !/rcode|NOTIMP|RFC 1035/i.test(line)) {
        complaints.push(`${place}: "${word}": finish it or leave it out`);
      }
      const path = machinePath.exec(line)?.[0];
      if (path) complaints.push(`${place}: ${path} exists on one machine only`);
    }
  }
  return complaints;
}

/** The lockfile pins by checksum; where a package is fetched from is each machine's affair. */
export function checkLockfile(): Complaints {
  const complaints: Complaints = [];
  type Entry = {
    resolved?: string;
    integrity?: string;
    link?: boolean;
    cpu?: string | string[];
    os?: string | string[];
    libc?: string | string[];
  };
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Entry> };
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.resolved?.includes('://')) {
      complaints.push(`package-lock.json: ${path} names the host ${entry.resolved}`);
    }
    // Tools' binaries for systems Riad is not developed on: listed so that `npm ci` finds the list
    // complete, never fetched here.
    const foreign =
      !(entry.os ?? 'linux').includes('linux') ||
      (entry.libc ?? 'glibc').includes('musl') ||
      !['x64', 'arm64'].some((cpu) => (entry.cpu ?? cpu).includes(cpu));
    const ours = path.startsWith('node_modules/') && !entry.link && !foreign;
    if (ours && entry.integrity === undefined) {
      complaints.push(`package-lock.json: ${path} has no checksum`);
    }
  }
  return complaints;
}
