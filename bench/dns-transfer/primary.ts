/** A process that serves one zone by transfers, as `interop/dns/transfer/riad-primary.ts` does: prints its port. */
import { readFileSync } from 'node:fs';
import { riadPrimary } from '../../interop/dns/transfer/riad-primary.ts';

const [name, path] = process.argv.slice(2);
const primary = await riadPrimary(name!, readFileSync(path!, 'utf8'), 1 << 30);
process.stdout.write(`${primary.port}\n`);
