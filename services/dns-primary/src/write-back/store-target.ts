/** Zone files in a git repository: each write is a commit that says who asked for what. */
import type { GitStore } from '@riad/store/git-options';
import type { TargetText, WriteReason, WriteTarget } from './write-target.ts';

export class StoreTarget implements WriteTarget {
  readonly #open: () => Promise<GitStore>;

  /** `open`: called when there is something to write, and each time until it has succeeded. */
  constructor(open: () => Promise<GitStore>) {
    this.#open = open;
  }

  async read(file: string): Promise<TargetText | undefined> {
    const found = await (await this.#open()).read(file);
    return found && { octets: found.octets, version: found.blob };
  }

  async write(
    file: string,
    version: string,
    octets: Uint8Array,
    { authors, title, lines, sequence }: WriteReason,
  ): Promise<boolean> {
    const [author = 'riad', ...others] = authors;
    try {
      const store = await this.#open();
      await store.commit({
        changes: [{ path: file, octets }],
        preconditions: [{ path: file, blob: version }],
        author: personOf(author),
        message: [title, '', ...lines].join('\n').trimEnd(),
        trailers: [
          ...others.map((other) => {
            const { name, email } = personOf(other);
            return { key: 'Co-authored-by', value: `${name} <${email}>` };
          }),
          { key: 'Riad-Journal', value: String(sequence) },
        ],
      });
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === 'store.conflict') return false;
      throw error;
    }
  }
}

/** Keys and addresses have no mailbox; git wants one. */
function personOf(author: string): { name: string; email: string } {
  return { name: author, email: 'riad@localhost' };
}
