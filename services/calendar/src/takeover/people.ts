/** What users and groups of another server are called here. */
import { isAccountName, nameRule } from '@riad/runtime/accounts/names';

export class People {
  readonly #renamed: ReadonlyMap<string, string>;
  /** Name here → name there. */
  readonly #taken = new Map<string, string>();

  constructor(renamed: ReadonlyMap<string, string> = new Map()) {
    this.#renamed = renamed;
  }

  /** The name here, or why there is none; the same each time. */
  nameOf(there: string): { readonly name: string } | { readonly reason: string } {
    const name = this.#renamed.get(there) ?? there.toLowerCase();
    if (!isAccountName(name))
      return {
        reason: `${JSON.stringify(there)}: ${nameRule}; --rename ${there}=NAME gives it one`,
      };
    const other = this.#taken.get(name);
    if (other !== undefined && other !== there)
      return {
        reason: `${there} and ${other} would both be ${name}; --rename ${there}=NAME tells them apart`,
      };
    this.#taken.set(name, there);
    return { name };
  }

  /** The name here of who has come already. */
  known(there: string): string | undefined {
    const name = this.#renamed.get(there) ?? there.toLowerCase();
    return this.#taken.get(name) === there ? name : undefined;
  }
}
