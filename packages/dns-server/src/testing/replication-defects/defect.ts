/**
 * What a deliberate defect is: lines of our sources that are put back as another server has or had them,
 * the part of the specification that names the defect, and who has to notice.
 */

/** A piece of a file that must stand there exactly once, and what stands there instead. */
export type Change = {
  /** From the root of the repository. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
};

/** A test by its file and by how its name begins or what it contains. */
export type Noticer = { readonly file: string; readonly test: string };

export type Defect = {
  /** A sentence: what goes wrong. */
  readonly what: string;
  /** Who says that this is wrong: an RFC and its section. */
  readonly rule: string;
  readonly changes: readonly Change[];
  readonly noticedBy: Noticer;
  /** Noticed by an exception out of the defective code, and not by an assertion about what it does. */
  readonly crashes?: boolean;
};

const here = 'packages/dns-server/src';

/** The first storms of the simulation, as every test run has them. */
export const simulation: Noticer = {
  file: `${here}/testing/replication.test.ts`,
  test: 'copies of zones through',
};

/** Tests of one file, each by its name. */
export const noticer =
  (file: string) =>
  (test: string): Noticer => ({ file, test });

/** One change of one file of a package. */
export function change(file: string, from: string, to: string): readonly Change[] {
  return [{ file, from, to }];
}

/** Files of this package, in the short. */
export const server = (file: string): string => `${here}/${file}`;
export const dns = (file: string): string => `packages/dns/src/${file}`;
