/**
 * The program between the supervisor and a service's own: the supervisor keeps its rights, so
 * somebody else must give them up.
 */
import { become, type NextProgram } from './become.ts';
import { confinementVariable } from './confinement.ts';

const { [confinementVariable]: text, ...environment } = process.env as Record<string, string>;
if (text === undefined) {
  process.stderr.write(`${confinementVariable} is missing: riad up starts this program\n`);
  process.exit(2);
}
become(JSON.parse(text) as NextProgram, environment);
