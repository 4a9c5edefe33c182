/**
 * The documents that are made from the code. Each workspace may export, from any file in `src/`,
 *
 * - `codes`: error code → sentence                        → docs/errors.md
 * - `limits`: name → { value, unit, reason }              → docs/limits.md
 * - `metrics`: name → metric declaration                  → docs/metrics.md
 * - from `src/config.ts`, `title` and `schema` (zod)      → docs/configuration.md
 *
 * `npm run docs` writes them; the check compares.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Complaints, isTest, read, root, type Workspace, workspaces } from './repository.ts';

export type Page = { readonly file: string; readonly text: string };

type Limit = { readonly value: unknown; readonly unit: string; readonly reason: string };
type Metric = { name: string; type: string; help: string; labels?: readonly string[] };

export async function pages(): Promise<Page[]> {
  const all = workspaces();
  return [
    await table(
      all,
      'errors',
      'codes',
      'Errors',
      errorsIntroduction,
      ['code', 'what it says'],
      [(name, sentence) => [`\`${name}\``, String(sentence)]],
    ),
    await table(
      all,
      'limits',
      'limits',
      'Limits',
      limitsIntroduction,
      ['limit', 'value', 'why'],
      [
        (name, limit) => {
          const { value, unit, reason } = limit as Limit;
          return [`\`${name}\``, `${formatValue(value)} ${unit}`.trim(), reason];
        },
      ],
    ),
    await table(
      all,
      'metrics',
      'metrics',
      'Metrics',
      metricsIntroduction,
      ['metric', 'type', 'labels', 'what it counts'],
      [
        (_, metric) => {
          const { name, type, help, labels = [] } = metric as Metric;
          return [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help];
        },
      ],
    ),
    await configurationPage(all),
  ];
}

export async function checkDocuments(): Promise<Complaints> {
  const complaints: Complaints = [];
  for (const { file, text } of await pages()) {
    let current = '';
    try {
      current = read(file);
    } catch {}
    if (current !== text) complaints.push(`${file}: differs from the code; npm run docs`);
  }
  return complaints;
}

const made = '<!-- Made from the code by `npm run docs`. -->';

const errorsIntroduction = `Every code a Riad package gives for octets or text that it refuses. Match on the code; the sentence
is for people and may change. Errors in wire data carry an offset, errors in files a line and column.`;
const limitsIntroduction =
  'What Riad accepts at most, and why no more. A limit that can be set is in [configuration.md](configuration.md) too.';
const metricsIntroduction =
  'What `GET /metrics` of a service gives, in the text format of Prometheus, beside the `process_` and `nodejs_` metrics of every service.';

type Row = (name: string, value: unknown) => string[];

async function table(
  all: readonly Workspace[],
  file: string,
  exported: string,
  title: string,
  introduction: string,
  head: readonly string[],
  [row]: readonly [Row],
): Promise<Page> {
  const parts = [`# ${title}`, made, introduction];
  for (const workspace of all) {
    const entries = await catalogue(workspace, exported);
    if (entries.length === 0) continue;
    parts.push(
      `## ${workspace.name}`,
      formatTable(
        head,
        entries.map(([name, value]) => row(name, value)),
      ),
    );
  }
  return { file: `docs/${file}.md`, text: `${parts.join('\n\n')}\n` };
}

/** Entries of every export of that name in the package; the same name twice is our bug. */
async function catalogue(workspace: Workspace, exported: string): Promise<[string, unknown][]> {
  const found = new Map<string, unknown>();
  const declares = new RegExp(`^export const ${exported}\\b`, 'm');
  for (const file of workspace.sources) {
    if (isTest(file) || !declares.test(read(file))) continue;
    const module = (await import(pathToFileURL(join(root, file)).href)) as Record<string, object>;
    for (const [name, value] of Object.entries(module[exported] ?? {})) {
      if (found.has(name)) throw new Error(`${file}: ${exported} has ${name} a second time`);
      found.set(name, value);
    }
  }
  return [...found];
}

type JsonSchema = {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  required?: string[];
};

async function configurationPage(all: readonly Workspace[]): Promise<Page> {
  const { z } = await import('zod');
  const parts = [
    '# Configuration',
    made,
    'One file, `riad.yaml`, beside which relative paths start. `riad check` reads it and names file, line and column of what is wrong.',
  ];
  for (const { folder, sources } of all) {
    for (const file of sources.filter((name) =>
      /\/(?:config|configuration\/keys)\.ts$/.test(name),
    )) {
      const module = (await import(pathToFileURL(join(root, file)).href)) as {
        title?: string;
        schema?: Parameters<typeof z.toJSONSchema>[0];
        schemas?: Record<string, Parameters<typeof z.toJSONSchema>[0]>;
      };
      const type = folder.split('/')[1];
      const sections = module.schema
        ? { [`\`type: ${type}\`, ${module.title}`]: module.schema }
        : (module.schemas ?? {});
      for (const [heading, schema] of Object.entries(sections)) {
        const json = z.toJSONSchema(schema as Parameters<typeof z.toJSONSchema>[0], {
          io: 'input',
          unrepresentable: 'any',
        }) as JsonSchema;
        parts.push(
          `## ${heading}`,
          formatTable(['key', 'value', 'default', 'meaning'], keys(json)),
        );
      }
    }
  }
  return { file: 'docs/configuration.md', text: `${parts.join('\n\n')}\n` };
}

function keys(schema: JsonSchema, prefix = ''): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const fallback =
      value.default !== undefined
        ? `\`${JSON.stringify(value.default)}\``
        : schema.required?.includes(key)
          ? 'required'
          : '';
    const row = [`\`${name}\``, formatType(value), fallback, value.description ?? ''];
    const inner = [value, ...(value.anyOf ?? [])].flatMap((part) => keys(part, `${name}.`));
    return [row, ...inner];
  });
}

function formatType(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (schema.anyOf) return schema.anyOf.map(formatType).join(' or ');
  if (schema.type === 'array') return `list of ${formatType(schema.items ?? {})}`;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') {
    return `map of ${formatType(schema.additionalProperties)}`;
  }
  return schema.type ?? 'any';
}

function formatValue(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en') : String(value);
}

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
