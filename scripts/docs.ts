/** `npm run docs`: writes the documents that are made from the code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from './check/documents.ts';
import { root } from './check/repository.ts';

for (const { file, text } of await pages()) writeFileSync(join(root, file), text);
