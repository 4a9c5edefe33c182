/** The command `riad` in a process of its own, as its users start it; for tests and for measurements. */
import { type Command, writeConfiguration } from './server.ts';

const program = new URL('../../apps/riad/riad.mjs', import.meta.url).pathname;

export function riadCommand(...words: readonly string[]): Command {
  return [process.execPath, program, ...words];
}

/** `riad run` with one service, whose keys in riad.yaml are these lines. All that it keeps is in the folder. */
export function riadRunCommand(folder: string, service: string, keys: readonly string[]): Command {
  const lines = [`state: ${folder}/state`, 'services:', `  ${service}:`];
  const text = [...lines, ...keys.map((key) => `    ${key}`), ''].join('\n');
  const file = writeConfiguration(folder, 'riad.yaml', text);
  return riadCommand('run', service, '--config', file);
}
