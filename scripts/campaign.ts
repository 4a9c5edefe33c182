/** `npm run campaign -- NAME…`: long searches for counter-examples; each is `fuzz/NAME.ts`. */
import { runNamed } from './run-named.ts';

process.exitCode = runNamed('fuzz', process.argv.slice(2));
