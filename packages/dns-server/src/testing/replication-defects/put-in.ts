/**
 * Preloaded (`--import`) into processes that run with a defect: changes the text of sources as they are
 * loaded, so that nothing on disk changes, whichever package a defect stands in, and in worker threads
 * and child processes as well. Says in a file which changes were loaded, since one that nobody loads
 * proves nothing.
 */
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import type { Change } from './defect.ts';

const root = new URL('../../../../../', import.meta.url).href;
const changes = JSON.parse(process.env['RIAD_DEFECT'] ?? '[]') as readonly Change[];
const loaded = process.env['RIAD_DEFECT_LOADED'];

registerHooks({
  load(url, context, next) {
    const found = next(url, context);
    const own = changes.filter(({ file }) => url === root + file);
    if (own.length === 0) return found;
    const { source } = found;
    let text = typeof source === 'string' ? source : new TextDecoder().decode(source ?? undefined);
    for (const { file, from, to } of own) {
      if (text.split(from).length !== 2) throw new Error(`${file} has not exactly one: ${from}`);
      text = text.replace(from, () => to);
      if (loaded !== undefined) appendFileSync(loaded, `${file}\n`);
    }
    return { ...found, source: text };
  },
});
