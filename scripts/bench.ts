/** `npm run bench -- NAME…`: side-by-side measurements; each is a program `bench/NAME.ts`. */
import { runNamed } from './run-named.ts';

process.exitCode = runNamed('bench', process.argv.slice(2));
