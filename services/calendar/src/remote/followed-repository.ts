/**
 * The repository elsewhere that calendars are kept in step with. Its absence stops nothing; what cannot be merged
 * stays ours, is kept beside on a branch, and somebody is told.
 */
import { join } from 'node:path';
import type { CalendarStorage } from '@riad/calendar-store/options';
import { type RemoteConfig, remoteOptions } from '@riad/runtime/configuration/remote-options';
import type { Log } from '@riad/runtime/logging/log';
import { openRemote, type Remote } from '@riad/store/git/remote';
import { withoutSecrets } from '@riad/store/git/remote-url';

export type FollowedParts = {
  readonly storage: CalendarStorage;
  readonly remote: RemoteConfig;
  readonly stateDirectory: string;
  readonly resolvePath: (path: string) => string;
  readonly log: Log;
};

export class FollowedRepository {
  readonly #remote: Remote;
  readonly #url: string;
  readonly #log: Log;

  constructor({ storage, remote, stateDirectory, resolvePath, log }: FollowedParts) {
    this.#url = withoutSecrets(remote.url);
    this.#log = log;
    this.#remote = openRemote({
      ...remoteOptions(remote, resolvePath),
      store: storage.store,
      folder: join(stateDirectory, 'remote'),
      report: ({ type, ...more }) => {
        const event = `remote repository ${type}`;
        const fields = { remote: this.#url, ...more };
        if (type === 'away' || type === 'refused' || type === 'purge-left-undone')
          log.warn(event, fields);
        else log.info(event, fields);
      },
    });
  }

  /** Fetches what others have pushed, soon; failing is told where all of it is. */
  pull(): void {
    this.#remote.pull().catch((error: unknown) => {
      this.#log.debug('pull failed', { error });
    });
  }

  /** For work that makes history anew: see `Remote`. */
  replace<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#remote.replace(work);
  }

  /** One sentence each. */
  complaints(): string[] {
    const { error } = this.#remote.status;
    return error instanceof Error
      ? [`the remote repository ${this.#url} is behind: ${error.message}`]
      : [];
  }

  status(): { url: string; revision: string | undefined; current: boolean } {
    const { revision, current } = this.#remote.status;
    return { url: this.#url, revision, current };
  }

  close(): Promise<void> {
    return this.#remote.close();
  }
}
