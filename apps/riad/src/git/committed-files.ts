/** The files of one commit as the service takes them: those at the top are zones, keys and the policy. */
import type { SourceFile } from '@riad/service-dns-primary/file-check';
import type { BorrowedRepository } from './borrowed-repository.ts';

export class CommittedFiles {
  readonly #repository: BorrowedRepository;
  readonly #commit: string;
  readonly #folder: string;

  /** `folder`: where the zones lie in the repository, with a slash at its end unless that is the top. */
  constructor(repository: BorrowedRepository, commit: string, folder: string = '') {
    this.#repository = repository;
    this.#commit = commit;
    this.#folder = folder;
  }

  /** Names at the top, and whether each is a plain file. */
  names(): Map<string, boolean> {
    const names = new Map<string, boolean>();
    for (const { path, kind } of this.#repository.list(this.#commit)) {
      if (!path.startsWith(this.#folder)) continue;
      const name = path.slice(this.#folder.length);
      if (!name.includes('/')) names.set(name, kind === 'file');
    }
    return names;
  }

  /** `label`: for people, if the name is not to be it. */
  open(name: string, label: string = name): SourceFile | undefined {
    const text = this.#repository.read(this.#commit, `${this.#folder}${name}`);
    return text === undefined ? undefined : { name, label, text, include: this.include };
  }

  /**
   * The same with all that it includes read already, so that the repository need not stay open; undefined
   * also for an empty file.
   */
  whole(name: string, label: string): SourceFile | undefined {
    const file = this.open(name, label);
    if (file === undefined || file.text.length === 0) return undefined;
    const included = new Map<string, Uint8Array | undefined>();
    const gather = (text: Uint8Array): void => {
      for (const path of includedPaths(text)) {
        if (included.has(path)) continue;
        const octets = this.include(path);
        included.set(path, octets);
        if (octets !== undefined) gather(octets);
      }
    };
    gather(file.text);
    return { ...file, include: (path) => included.get(path) };
  }

  /** What a zone may include lies in subfolders, which are never zones. */
  readonly include = (path: string): Uint8Array | undefined =>
    path.includes('/') ? this.#repository.read(this.#commit, `${this.#folder}${path}`) : undefined;
}

/** The paths after `$INCLUDE`, as they may stand there. */
export function includedPaths(text: Uint8Array): string[] {
  const lines = new TextDecoder('latin1').decode(text);
  return [...lines.matchAll(/^[ \t]*\$INCLUDE[ \t]+(?:"([^"\n]*)"|([^\s;"]+))/gim)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
}
