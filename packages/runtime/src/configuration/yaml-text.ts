/** A text in YAML, checked by schemas; each complaint is told with its place in the text. */
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
} from 'yaml';
import type { ZodError, ZodType } from 'zod';
import type { Complaint } from './configuration.ts';

export type Path = readonly PropertyKey[];

export class YamlText {
  /** What the text says; undefined when it is empty, or no YAML. */
  readonly value: unknown;
  /** All so far, those of YAML itself first. */
  readonly complaints: Complaint[] = [];
  readonly #document: Document;
  readonly #lines: LineCounter = new LineCounter();

  constructor(text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    for (const error of this.#document.errors) this.#complainAt(error.pos[0], error.message);
    if (this.complaints.length > 0) return;
    try {
      this.value = this.#document.toJS() ?? undefined;
    } catch (error) {
      // Anchors that stand for more than anybody writes: yaml refuses to unfold them.
      if (!(error instanceof ReferenceError)) throw error;
      this.#complainAt(0, error.message);
    }
  }

  /** Complains of the value at a path, or of the nearest thing around it; for one in a map, of its key. */
  complain(at: Path, sentence: string): void {
    this.#complainAt(offsetOf(this.#document.contents, at), sentence);
  }

  /** What the schema makes of the value, which stands at the path; `undefined` after complaining. */
  check<T>(schema: ZodType<T>, value: unknown, at: Path): T | undefined {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const { path, sentence } of issues(result.error)) {
      this.complain([...at, ...path], sentence);
    }
    return undefined;
  }

  #complainAt(offset: number, sentence: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.complaints.push({ line, column: col, sentence });
  }
}

function issues(error: ZodError): { path: Path; sentence: string }[] {
  return error.issues.flatMap((issue) =>
    // Each unknown key is pointed at itself, not at the map it stands in.
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], sentence: `unknown key "${key}"` }))
      : [{ path: issue.path, sentence: `${keyOf(issue.path)}: ${issue.message}` }],
  );
}

/** `listen[0]`, `zones`: enough to know it by, since the place is told as well. */
function keyOf(path: Path): string {
  const [above = '', last = 'file'] = path.length > 1 ? path.slice(-2) : ['', ...path];
  return typeof last === 'number' ? `${String(above)}[${last}]` : String(last);
}

function offsetOf(contents: unknown, path: Path): number {
  let node = contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (isNode(pair?.key)) offset = pair.key.range?.[0] ?? offset;
      next = pair?.value;
    } else if (isSeq(node)) {
      next = node.items[Number(step)];
      if (isNode(next)) offset = next.range?.[0] ?? offset;
    }
    if (next === undefined) return offset;
    node = next;
  }
  return offset;
}
