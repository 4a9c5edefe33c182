/** Names as they stand on a command line: with or without the final dot, absolute either way. */
import { type Name, parseName } from '@riad/dns/name';
import { Refusal } from './refusal.ts';

/** `what`: what the name is of, for the complaint. */
export function nameOf(text: string, what: string = 'name'): Name {
  try {
    return parseName(text.endsWith('.') ? text : `${text}.`);
  } catch (error) {
    throw new Refusal(`"${text}" is no ${what}: ${(error as Error).message}`);
  }
}
