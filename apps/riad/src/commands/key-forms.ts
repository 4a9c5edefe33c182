/** A key as other programs want to be told of it. */
import { formatName } from '@riad/dns/name';
import { formatKeyArgument, parseKeyArgument } from '@riad/dns/tsig/key-argument';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { Refusal } from '../refusal.ts';

export const keyForms = ['riad', 'nsupdate', 'bind', 'nsd', 'knot'] as const;
export type KeyForm = (typeof keyForms)[number];

const headings: Readonly<Record<KeyForm, string>> = {
  riad: 'Riad, and the tools of ocaml-dns',
  nsupdate: 'dig, nsupdate, kdig and knsupdate: behind -y',
  bind: 'BIND: named.conf, or a file for nsupdate -k',
  nsd: 'NSD: nsd.conf',
  knot: 'Knot: knot.conf',
};

/** No line break at the end. */
export function formatKey(key: TsigKey, form: KeyForm): string {
  const { name, algorithm, secret } = key;
  const text = formatName(name).slice(0, -1);
  const base64 = secret.toBase64();
  switch (form) {
    case 'riad':
      return formatKeyArgument(key);
    case 'nsupdate':
      return `${algorithm}:${text}:${base64}`;
    case 'bind':
      return `key "${text}" {\n  algorithm ${algorithm};\n  secret "${base64}";\n};`;
    case 'nsd':
      return `key:\n  name: "${text}"\n  algorithm: ${algorithm}\n  secret: "${base64}"`;
    case 'knot':
      return `key:\n  - id: "${text}"\n    algorithm: ${algorithm}\n    secret: "${base64}"`;
  }
}

/** Every form, each under a line that says whose it is. */
export function formatKeyForAll(key: TsigKey): string {
  return keyForms.map((form) => `# ${headings[form]}\n${formatKey(key, form)}`).join('\n\n');
}

/** The key clauses of BIND’s configuration, as `tsig-keygen` writes them and `nsupdate -k` reads them. */
export function parseBindKeys(text: string, file: string): TsigKey[] {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|(?:#|\/\/).*$/gm, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
  const keys: TsigKey[] = [];
  for (const clause of bare.matchAll(/\bkey\s+"?([^\s"{]+)"?\s*\{([^}]*)\}/g)) {
    const line = bare.slice(0, clause.index).split('\n').length;
    const body = clause[2]!;
    const algorithm = /\balgorithm\s+"?hmac-(\w+)"?\s*;/i.exec(body)?.[1];
    const secret = /\bsecret\s+"?([^\s";]+)"?\s*;/i.exec(body)?.[1];
    if (algorithm === undefined || secret === undefined) {
      throw new Refusal(`${file}:${line}: a key clause has an algorithm, hmac-…, and a secret`);
    }
    try {
      keys.push(parseKeyArgument(`${clause[1]}:${algorithm.toUpperCase()}:${secret}`));
    } catch (error) {
      throw new Refusal(`${file}:${line}: ${(error as Error).message}`);
    }
  }
  return keys;
}
