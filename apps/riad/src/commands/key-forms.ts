/** A key as other programs want to be told of it. */
import { formatName } from '@riad/dns/name';
import { formatKeyArgument } from '@riad/dns/tsig/key-argument';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';

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
