/**
 * The contract between the house and a service. A service is a folder `services/NAME` with
 *
 * - `src/config.ts`, a `ConfigurationModule`: what may stand in riad.yaml, and what follows from it
 *   before the service runs (sockets to open, files it may touch). Only the supervisor loads it.
 * - `src/service.ts`, a `ServiceModule`: `start`. Loaded in the service's own process, with the
 *   configuration already checked, so that it need not pay for zod or yaml when it starts:
 *   import nothing but types from `config.ts`.
 *
 * The runtime serves health, metrics, status and commands for every service; a service only
 * returns the functions.
 */
import type { ZodType } from 'zod';
import type { Log } from './logging/log.ts';
import type { Metrics } from './metrics/declaration.ts';

export type Protocol = 'udp' | 'tcp' | 'tls' | 'http' | 'https';

/**
 * One socket to serve. `udp+tcp://[::1]:53` in `listen` makes a UDP and a TCP listener with the
 * same address and port. A UDP address that several workers share gives one listener for each
 * (SO_REUSEPORT), told apart by `shard`.
 */
export type Listener = {
  /** The entry of `listen` as it was written. */
  readonly url: string;
  readonly protocol: Protocol;
  /** Without brackets. */
  readonly address: string;
  /** What was asked for; with a descriptor, what the socket really has (never 0). */
  readonly port: number;
  /** 0 to `shards - 1`. */
  readonly shard: number;
  readonly shards: number;
  /**
   * A bound (UDP) or bound and listening (TCP, TLS, HTTP) socket, the service's for the life of
   * its process. Blocking or not is left from whoever served it before: set what you need
   * (`node:dgram` and `node:net` do). It outlives the service, so never `shutdown` it. `undefined`: open it yourself with `node:dgram` or
   * `node:net`, which is how things go without FFI or off Linux.
   */
  readonly fd: number | undefined;
};

/** Certificate chain and key as files in PEM, absolute. The service watches them for changes. */
export type TlsFiles = { readonly certificate: string; readonly key: string };

export type ServiceContext<Config = unknown> = {
  /** The service's name in riad.yaml: `names`, not `dns-primary`. */
  readonly name: string;
  /** What the module's `schema` made of the service's own keys; plain JSON values. */
  readonly config: Config;
  /** Absolute, exists, writable, this service's alone. */
  readonly stateDirectory: string;
  /** The file of accounts, where the `ConfigurationModule` asks for it. */
  readonly accountsFile: string | undefined;
  /** Only protocols the `ConfigurationModule` names; the runtime serves the other http ones. */
  readonly listeners: readonly Listener[];
  readonly tls: TlsFiles | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Aborted when the service is asked to stop, before `stop` is called; `start` may then fail at once. */
  readonly signal: AbortSignal;
  /** Makes a path of the configuration absolute: relative ones start at riad.yaml's folder. */
  readonly resolvePath: (path: string) => string;
};

export type Health =
  | { readonly healthy: true }
  /** One plain sentence each, for people: `zone example: no SOA at the apex`. */
  | { readonly healthy: false; readonly complaints: readonly string[] };

/** A command's own complaint, shown to whoever gave the command; anything else is our bug. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Given as parsed JSON, so check it; answer with JSON. Refuse with a `CommandError`. */
export type Command = (input: unknown) => Promise<unknown>;

export type HookRequest = {
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  /** At most 1 MiB; undefined for more. */
  body(): Promise<Uint8Array | undefined>;
};

/** True: done. False: whoever called it is not who he should be (403). */
export type Hook = (request: HookRequest) => Promise<boolean>;

export type RunningService = {
  /** Resolves within a second; nothing of the service runs after that. Called once. */
  stop(): Promise<void>;
  /** JSON for `GET /status`: `listening`, zones, serials, … */
  status(): unknown;
  health(): Health;
  /** `POST /commands/NAME` on the service's own unix socket. Never over a network. */
  readonly commands: Readonly<Record<string, Command>>;
  /**
   * `POST /hooks/NAME` on the unix socket and on `http://` entries: anyone may call it, so it
   * answers nothing, and must be cheap or limited.
   */
  readonly hooks?: Readonly<Record<string, Hook>>;
  /** SIGHUP with an unchanged configuration: look at files again, reopen. */
  reload?(): Promise<void>;
};

/** `start` resolves when the service answers; that is what the supervisor calls ready. */
export type ServiceModule<Config = unknown> = {
  start(context: ServiceContext<Config>): Promise<RunningService>;
};

/** What a confined service may touch besides the system's programs, its code and its state. */
export type AllowedPaths = {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
};

/** One sentence each: `zones/example:12:9: …`. */
export type FileCheck = {
  /** What will not be served as it stands. */
  readonly complaints: readonly string[];
  /** What is served, and hardly meant. */
  readonly remarks: readonly string[];
};

/** What `riad backup` copies of a service; paths as in riad.yaml, by a name that each has in the copy. */
export type Kept = {
  /** In the state folder: what is made again by itself, and is left out. */
  readonly derived: readonly string[];
  /** Folders elsewhere that hold what only this service and its owner know. */
  readonly folders: Readonly<Record<string, string>>;
  /** Git repositories elsewhere. */
  readonly repositories: Readonly<Record<string, string>>;
};

export type ConfigurationModule<Config = unknown> = {
  /** `an authoritative name server`: what `riad check` and docs/configuration.md call it. */
  readonly title: string;
  /**
   * The service's own keys: a `z.strictObject` with a `.describe()` on every key, from which
   * docs/configuration.md is made. Its output is JSON. Common keys are the runtime's.
   */
  readonly schema: ZodType<Config>;
  /** The protocols the service serves itself. */
  readonly protocols: readonly Protocol[];
  /** The service reads and writes accounts (`runtime/accounts`). */
  readonly accounts?: boolean;
  /** How many UDP sockets to open for each UDP address; 1 when absent. */
  udpShards?(config: Config): number;
  /**
   * For `riad check`: what is wrong with the files the configuration names. Starts nothing and
   * changes nothing.
   */
  check?(config: Config, resolvePath: (path: string) => string): Promise<FileCheck>;
  /**
   * What is to be kept. It is copied while the process stands still, so the service has to go on from whatever a
   * crash may leave. Absent: the state folder, and nothing elsewhere.
   */
  kept?(config: Config): Kept;
  /** Beyond the common ones (its state, `tls`); relative paths allowed. */
  paths?(config: Config): AllowedPaths;
};
