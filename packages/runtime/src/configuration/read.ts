/** Reads riad.yaml. Complains about all it finds, each with its place in the file. */
import { resolve } from 'node:path';
import {
  type Configuration,
  ConfigurationError,
  type ServiceConfiguration,
  type ServiceTypes,
} from './configuration.ts';
import { houseKeys, serviceKeys } from './keys.ts';
import { type ListenEntry, parseListen } from './listen.ts';
import { YamlText } from './yaml-text.ts';

/** `directory` is where relative paths start; `file` is only for complaints. */
export async function readConfiguration(
  text: string,
  file: string,
  directory: string,
  types: ServiceTypes,
): Promise<Configuration> {
  const yaml = new YamlText(text);
  if (yaml.complaints.length > 0) throw new ConfigurationError(file, yaml.complaints);

  const house = yaml.check(houseKeys, yaml.value ?? {}, []);
  const services: ServiceConfiguration[] = [];
  const stateDirectory = resolve(directory, house?.state ?? 'state');
  for (const [name, entry] of Object.entries(house?.services ?? {})) {
    const at = ['services', name];
    const common = yaml.check(serviceKeys, entry, at);
    if (common === undefined) continue;
    const type = Object.hasOwn(types, common.type) ? types[common.type] : undefined;
    if (type === undefined) {
      const offered = Object.keys(types).join(', ');
      yaml.complain([...at, 'type'], `there is no service "${common.type}"; there is ${offered}`);
      continue;
    }
    const module = await type.configuration();
    const own = Object.fromEntries(
      Object.entries(entry).filter(([key]) => !Object.hasOwn(serviceKeys.shape, key)),
    );
    const config = yaml.check(module.schema, own, at);
    if (config === undefined) continue;

    const listen: ListenEntry[] = [];
    for (const [index, url] of common.listen.entries()) {
      const parsed = parseListen(url);
      if (typeof parsed === 'string') continue; // complained about by the schema
      const place = [...at, 'listen', index];
      const stranger = parsed.protocols.find(
        (protocol) => protocol !== 'http' && !module.protocols.includes(protocol),
      );
      if (stranger) yaml.complain(place, `${module.title} does not serve ${stranger}`);
      const secure = parsed.protocols.find(
        (protocol) => protocol === 'tls' || protocol === 'https',
      );
      if (secure && common.tls === undefined) yaml.complain(place, `${secure} needs the key "tls"`);
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
      accounts: module.accounts ?? false,
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
  if (yaml.complaints.length > 0) throw new ConfigurationError(file, yaml.complaints);
  return { file, directory, stateDirectory, log: house?.log ?? 'info', services };
}
