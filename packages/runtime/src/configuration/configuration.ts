/** What riad.yaml says, checked: plain values with absolute paths. */

import type { Level } from '../logging/log.ts';
import type { AllowedPaths, ConfigurationModule, Protocol, TlsFiles } from '../service.ts';
import type { ListenEntry } from './listen.ts';

export type ServiceConfiguration = {
  readonly name: string;
  readonly type: string;
  readonly title: string;
  /** URL of the service's `service.ts`. */
  readonly module: string;
  readonly listen: readonly ListenEntry[];
  /** Those of its protocols that it serves itself; the runtime serves `http` otherwise. */
  readonly protocols: readonly Protocol[];
  readonly udpShards: number;
  readonly stateDirectory: string;
  /** It reads and writes the file of accounts. */
  readonly accounts: boolean;
  readonly user: string | undefined;
  readonly tls: TlsFiles | undefined;
  readonly log: Level;
  readonly config: unknown;
  readonly paths: Required<AllowedPaths>;
};

export type Configuration = {
  /** As it is called in complaints. */
  readonly file: string;
  /** Where relative paths start. */
  readonly directory: string;
  readonly stateDirectory: string;
  readonly log: Level;
  readonly services: readonly ServiceConfiguration[];
};

/** One kind of service: how to load its configuration, and where its program stands. */
export type ServiceType = {
  readonly configuration: () => Promise<ConfigurationModule>;
  readonly module: string;
};
export type ServiceTypes = Readonly<Record<string, ServiceType>>;

export type Complaint = {
  readonly line: number;
  readonly column: number;
  readonly sentence: string;
};

/** All that is wrong with the file; `message` has a line for each: `riad.yaml:4:12: …`. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly complaints: readonly Complaint[];

  constructor(file: string, complaints: readonly Complaint[]) {
    super(
      complaints
        .map(({ line, column, sentence }) => `${file}:${line}:${column}: ${sentence}`)
        .join('\n'),
    );
    this.complaints = complaints;
  }
}
