/** Reads riad.yaml. Complains about all it finds, each with its place in the file. */
import { resolve } from 'node:path';
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { ZodError, ZodType } from 'zod';
import {
  type Complaint,
  type Configuration,
  ConfigurationError,
  type ServiceConfiguration,
  type ServiceTypes,
} from './configuration.ts';
import { houseKeys, serviceKeys } from './keys.ts';
import { type ListenEntry, parseListen } from './listen.ts';

type Path = readonly PropertyKey[];

/** `directory` is where relative paths start; `file` is only for complaints. */
export async function readConfiguration(
  text: string,
  file: string,
  directory: string,
  types: ServiceTypes,
): Promise<Configuration> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const complaints: Complaint[] = [];
  const complain = (offset: number, sentence: string): void => {
    const { line, col } = lines.linePos(offset);
    complaints.push({ line, column: col, sentence });
  };
  for (const error of document.errors) complain(error.pos[0], error.message);
  if (complaints.length > 0) throw new ConfigurationError(file, complaints);

  /** What the schema makes of the value, or `undefined` after complaining. */
  const check = <T>(schema: ZodType<T>, value: unknown, at: Path): T | undefined => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const { path, sentence } of issues(result.error)) {
      complain(offsetOf(document.contents, [...at, ...path]), sentence);
    }
    return undefined;
  };

  const house = check(houseKeys, document.toJS() ?? {}, []);
  const services: ServiceConfiguration[] = [];
  const stateDirectory = resolve(directory, house?.state ?? 'state');
  for (const [name, entry] of Object.entries(house?.services ?? {})) {
    const at = ['services', name];
    const common = check(serviceKeys, entry, at);
    if (common === undefined) continue;
    const type = Object.hasOwn(types, common.type) ? types[common.type] : undefined;
    if (type === undefined) {
      const offered = Object.keys(types).join(', ');
      complain(
        offsetOf(document.contents, [...at, 'type']),
        `there is no service "${common.type}"; there is ${offered}`,
      );
      continue;
    }
    const module = await type.configuration();
    const own = Object.fromEntries(
      Object.entries(entry).filter(([key]) => !Object.hasOwn(serviceKeys.shape, key)),
    );
    const config = check(module.schema, own, at);
    if (config === undefined) continue;

    const listen: ListenEntry[] = [];
    for (const [index, url] of common.listen.entries()) {
      const parsed = parseListen(url);
      if (typeof parsed === 'string') continue; // complained about by the schema
      const place = offsetOf(document.contents, [...at, 'listen', index]);
      const stranger = parsed.protocols.find(
        (protocol) => protocol !== 'http' && !module.protocols.includes(protocol),
      );
      if (stranger) complain(place, `${module.title} does not serve ${stranger}`);
      const secure = parsed.protocols.find(
        (protocol) => protocol === 'tls' || protocol === 'https',
      );
      if (secure && common.tls === undefined) complain(place, `${secure} needs the key "tls"`);
      listen.push(parsed);
    }
    const absolute = (paths: readonly string[] = []): string[] =>
      paths.map((path) => resolve(directory, path));
    const paths = module.paths?.(config) ?? {};
    services.push({
      name,
      type: common.type,
      title: module.title,
      module: type.module,
      listen,
      protocols: module.protocols,
      udpShards: module.udpShards?.(config) ?? 1,
      stateDirectory:
        common.state === undefined
          ? resolve(stateDirectory, name)
          : resolve(directory, common.state),
      user: common.user ?? house?.user,
      tls: common.tls && {
        certificate: resolve(directory, common.tls.certificate),
        key: resolve(directory, common.tls.key),
      },
      log: common.log ?? house?.log ?? 'info',
      config,
      paths: { read: absolute(paths.read), write: absolute(paths.write) },
    });
  }
  if (complaints.length > 0) throw new ConfigurationError(file, complaints);
  return { file, directory, stateDirectory, log: house?.log ?? 'info', services };
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

/** Where the value stands, or the nearest thing around it; for a value in a map, its key. */
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
