/** What a service's process is told when it starts, in the environment variable RIAD_SERVICE. */
import type { Level } from '../logging/log.ts';
import type { Listener, TlsFiles } from '../service.ts';

export type Launch = {
  readonly name: string;
  readonly type: string;
  /** URL of the module that exports `start`. */
  readonly module: string;
  readonly config: unknown;
  readonly stateDirectory: string;
  /** The file of accounts, for services that use it. */
  readonly accountsFile: string | undefined;
  /** Where relative paths of the configuration start. */
  readonly directory: string;
  readonly listeners: readonly Listener[];
  /** `http` listeners that the runtime serves for the service: health, metrics, hooks. */
  readonly web: readonly Listener[];
  /** The unix socket for status and commands: a path, and a descriptor if it is open already. */
  readonly control: { readonly path: string; readonly fd: number | undefined };
  readonly tls: TlsFiles | undefined;
  readonly log: Level;
  /**
   * Where the process writes `readyMessage` once it answers. The other end is the supervisor's:
   * when that goes away, so does the service.
   */
  readonly readyFd: number | undefined;
};

export const launchVariable = 'RIAD_SERVICE';
export const readyMessage = 'ready\n';

/** Linux takes 128 KiB for one variable (MAX_ARG_STRLEN); the name and "=" need some. */
export const maxLaunchOctets: number = 128 * 1024 - 256;
