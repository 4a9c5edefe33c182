/**
 * The repository that zones are kept in: ours to commit to, and kept in step with a remote one, if there
 * is one. When both sides have changed a zone, its texts are merged record by record; what cannot be
 * merged stays ours here, is kept beside on a branch, and somebody is told.
 */
import { join } from 'node:path';
import { formatName, type Name, parseName, root } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { mergeZoneTexts } from '@riad/dns-server/zone-loading/merge-zone-text';
import { type RemoteConfig, remoteOptions } from '@riad/runtime/configuration/remote-options';
import type { Log } from '@riad/runtime/logging/log';
import { openGitStore } from '@riad/store/git';
import { ConflictBranches } from '@riad/store/git/conflict-branches';
import { openRemote, type Remote } from '@riad/store/git/remote';
import { withoutSecrets } from '@riad/store/git/remote-url';
import type { GitStore } from '@riad/store/git-options';
import type { MergeFunction } from '@riad/store/store';
import { zoneOfFile } from './zone-names.ts';

export type ZoneGitParts = {
  readonly repository: string;
  readonly branch: string;
  readonly stateDirectory: string;
  /** Folder of what is committed and not in the repository yet. */
  readonly journal: string;
  readonly rootOrigin: boolean;
  readonly remote: RemoteConfig | undefined;
  readonly resolvePath: (path: string) => string;
  readonly log: Log;
};

export class ZoneGit {
  readonly store: GitStore;
  readonly #remote: Remote | undefined;
  readonly #url: string | undefined;
  readonly #log: Log;
  readonly #conflicts: ConflictBranches;

  private constructor(
    store: GitStore,
    remote: Remote | undefined,
    url: string | undefined,
    log: Log,
    conflicts: ConflictBranches,
  ) {
    this.store = store;
    this.#remote = remote;
    this.#url = url;
    this.#log = log;
    this.#conflicts = conflicts;
  }

  static async open(parts: ZoneGitParts): Promise<ZoneGit> {
    const { repository, branch, journal, stateDirectory, rootOrigin, remote, resolvePath, log } =
      parts;
    const conflicts = new ConflictBranches();
    const store = await openGitStore({
      repository,
      journal,
      branch,
      identity: { name: 'riad', email: 'riad@localhost' },
      merge: zoneMerge(rootOrigin),
      report: (report) => {
        if (report.type === 'conflict') {
          const about = conflicts.note(report);
          log.error('both sides changed the same', { kept: report.reference, about });
        } else if (report.type !== 'merged') log.warn('repository', { ...report });
      },
    });
    void conflicts.recall(store);
    if (remote === undefined) return new ZoneGit(store, undefined, undefined, log, conflicts);
    const { url } = remote;
    const follower = openRemote({
      store,
      ...remoteOptions(remote, resolvePath),
      folder: join(stateDirectory, 'remote'),
      report: ({ type, ...more }) => {
        const event = `remote repository ${type}`;
        const fields = { remote: withoutSecrets(url), ...more };
        if (type === 'away' || type === 'refused') log.warn(event, fields);
        else log.info(event, fields);
      },
    });
    return new ZoneGit(store, follower, withoutSecrets(url), log, conflicts);
  }

  /** Fetches what others have pushed, soon; failing is told where all of it is. */
  pull(): void {
    this.#remote?.pull().catch((error: unknown) => {
      this.#log.debug('pull failed', { error });
    });
  }

  /** One sentence each. */
  complaints(): string[] {
    const complaints = this.#conflicts.complaints(this.store);
    const { failure } = this.store;
    if (failure !== undefined) complaints.push(`the repository: ${failure.message}`);
    const status = this.#remote?.status;
    if (status?.error instanceof Error)
      complaints.push(`the remote repository ${this.#url} is behind: ${status.error.message}`);
    return complaints;
  }

  status(): unknown {
    const status = this.#remote?.status;
    return {
      revision: this.store.head,
      ...(status && {
        remote: { url: this.#url, revision: status.revision, current: status.current },
      }),
    };
  }

  async close(): Promise<void> {
    await this.#remote?.close();
    await this.store.close();
  }
}

function zoneMerge(rootOrigin: boolean): MergeFunction {
  return (path, base, ours, theirs) => {
    const zone = path.includes('/') ? undefined : zoneOfFile(path);
    if (zone === undefined) return { conflict: 'both sides changed it' };
    if (theirs === undefined) return { conflict: 'it was deleted there and changed here' };
    if (ours === undefined) return { conflict: 'it was deleted here and changed there' };
    if (base === undefined) return { conflict: 'both sides made it' };
    const origin = rootOrigin ? root : parseName(zone);
    const merged = mergeZoneTexts({ base, ours, theirs }, path, origin, nameSet);
    return merged.kind === 'merged'
      ? { octets: merged.text }
      : { conflict: merged.sentences.join('; ') };
  };
}

function nameSet(owner: Name, type: number): string {
  return `${formatName(owner)} ${recordTypeOf(type).mnemonic}`;
}
