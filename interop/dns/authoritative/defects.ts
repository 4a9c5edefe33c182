/**
 * Deliberate defects of one line in the answering function: each replaces a piece of a file that must
 * occur exactly once. The differential test has to notice every one of them.
 */
export type Defect = {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly what: string;
};

const resolve = 'answer/resolve.ts';
const denial = 'answer/denial.ts';
const lookup = 'answer/lookup.ts';
const answer = 'answer/answer.ts';
const parse = 'answer/parse-query.ts';
const write = 'answer/write-rrset.ts';

export const defects: readonly Defect[] = [
  {
    file: resolve,
    from: 's.rcode = rcodeNxdomain;',
    to: 's.rcode = 0;',
    what: 'NXDOMAIN becomes NOERROR',
  },
  {
    file: resolve,
    from: 's.rcode = rcodeRefused;',
    to: 's.rcode = rcodeServfail;',
    what: 'SERVFAIL for zones of others',
  },
  {
    file: resolve,
    from: 's.rcode = rcodeYxdomain; // RFC 6672 §2.2',
    to: 's.rcode = 0;',
    what: 'a DNAME that makes too long a name is no error',
  },
  {
    file: resolve,
    from: 'if (s.type === typeDs && s.apexLabels === s.labels && s.labels > 0) {',
    to: 'if (s.type === 65280) {',
    what: 'DS at an apex is asked of the child',
  },
  {
    file: resolve,
    from: ' && s.type !== typeDs) {',
    to: ') {',
    what: 'DS at a cut is referred',
  },
  {
    file: write,
    from: 'view.setUint16(at, 0xc000 | owner);',
    to: 'view.setUint16(at, 0xc00c);',
    what: 'all records belong to QNAME',
  },
  {
    file: resolve,
    from: 'if (dnssecOk && secure) {',
    to: 'if (dnssecOk) {',
    what: 'DS in referrals of unsigned zones',
  },
  {
    file: resolve,
    from: 'if (!s.truncated) addGlue(s, found, start, reference);',
    to: '',
    what: 'no glue',
  },
  {
    file: resolve,
    from: 'for (let depth = 0; depth < below; depth++) {',
    to: 'for (let depth = 1; depth < below - 1; depth++) {',
    what: 'the cut right above is not seen',
  },
  {
    file: resolve,
    from: 'const barriers = cuts | dnames;',
    to: 'const barriers = cuts;',
    what: 'DNAME is not followed',
  },
  {
    file: resolve,
    from: 'const barriers = cuts | dnames;',
    to: 'const barriers = dnames;',
    what: 'names below cuts are answered',
  },
  {
    file: resolve,
    from: 'if (s.type === typeCname || s.type === typeAny) return false;\n  return follow(s, target, to, at + 12 - s.out);',
    to: 'return false;',
    what: 'a DNAME is not chased',
  },
  {
    file: resolve,
    from: 'if (s.aliases > 0 && s.aliasNodes[s.aliases - 1] === reference) return false;',
    to: 'for (let i = 0; i < s.rememberedCount; i++) if (s.remembered[i] === found) return false;',
    what: 'a DNAME met again later in the chain ends it',
  },
  { file: resolve, from: 'if (s.dnssecOk) proveNoName(s);', to: '', what: 'no proof for NXDOMAIN' },
  {
    file: resolve,
    from: 'if (wildcard && s.dnssecOk) proveWildcard(s);\n    if (type',
    to: 'if (type',
    what: 'no proof for a wildcard',
  },
  {
    file: resolve,
    from: 'if (wildcard) proveWildcardNoData(s, reference, version);',
    to: 'if (wildcard) proveNoData(s, reference, version);',
    what: 'a wildcard without data is proved like a name',
  },
  {
    file: resolve,
    from: 'else proveNoData(s, reference, version);',
    to: '',
    what: 'no proof for no data',
  },
  {
    file: resolve,
    from: 'view.setUint32(at + 4, ttl);',
    to: '',
    what: 'the SOA of a negative answer keeps its TTL',
  },
  {
    file: resolve,
    from: 'for (let type = typeA; type <= typeAaaa; type += typeAaaa - typeA) {',
    to: 'for (let type = typeA; type <= typeA; type++) {',
    what: 'no AAAA glue',
  },
  {
    file: resolve,
    from: 'if (type === typeNs) addAdditional(s, found, start);',
    to: '',
    what: 'no addresses beside an apex NS',
  },
  {
    file: resolve,
    from: 'if (s.aliases > maxAliases || !findZoneOfName(s)) break;',
    to: 'break;',
    what: 'aliases are not followed',
  },
  {
    file: lookup,
    from: 'if ((depths & (1 << Math.min(labels, 31))) === 0) continue;',
    to: 'if ((depths & (1 << Math.min(labels, 31))) === 0 || labels === s.labels) continue;',
    what: 'a zone is not found by its apex',
  },
  {
    file: lookup,
    from: 'for (; labels > s.apexLabels; labels--) {',
    to: 'for (; labels > s.apexLabels + 1; labels--) {',
    what: 'the closest encloser is sought too high',
  },
  {
    file: lookup,
    from: 'octets[wildcard + 1] = 0x2a;',
    to: 'octets[wildcard + 1] = 0x2b;',
    what: 'no wildcards',
  },
  {
    file: denial,
    from: 'coverName(s, s.name); // RFC 4035 §3.1.3.2',
    to: '',
    what: 'NSEC: the name itself is not proved',
  },
  {
    file: denial,
    from: 'coverName(s, spellWildcard(s, s.encloserLabels));\n  }\n}\n\n/** The name exists',
    to: '  }\n}\n\n/** The name exists',
    what: 'NSEC: the wildcard is not proved',
  },
  {
    file: denial,
    from: 'coverHash(s, wildcardHash(s, labels));',
    to: '',
    what: 'NSEC3: the wildcard is not proved',
  },
  {
    file: denial,
    from: 'return hashEnd(s, Math.min(labels + 1, s.labels), false);',
    to: 'return hashEnd(s, s.labels, false);',
    what: 'NSEC3: the name is covered instead of the next closer one',
  },
  {
    file: denial,
    from: 'return found === 0 ? lastNode(words, order) : found;\n}\n\n/** The octet',
    to: 'return found;\n}\n\n/** The octet',
    what: 'NSEC3: the chain does not close',
  },
  {
    file: denial,
    from: 'else coverName(s, s.name); // an empty non-terminal owns no NSEC',
    to: '',
    what: 'NSEC: no proof at empty non-terminals',
  },
  {
    file: denial,
    from: 'if (version !== 0 && matchHash(s, version)) break;',
    to: 'if (version !== 0) break;',
    what: 'NSEC3: the closest encloser is not shown',
  },
  {
    file: denial,
    from: 'matchHash(s, version);\n  } else if',
    to: '} else if',
    what: 'NSEC3: the wildcard without data is not shown',
  },
  {
    file: denial,
    from: 'if (!matchHash(s, version)) proveEncloser(s, cutLabels - 1);',
    to: 'matchHash(s, version);',
    what: 'opt-out: a delegation left out of the chain has no proof',
  },
  {
    file: denial,
    from: 'if (!matchHash(s, version)) proveEncloser(s, s.labels - 1); // an empty non-terminal left out by opt-out',
    to: 'matchHash(s, version);',
    what: 'opt-out: an empty non-terminal left out of the chain has no proof',
  },
  {
    file: answer,
    from: '(s.authoritative ? 0x0400 : 0) |',
    to: '0x0400 |',
    what: 'AA on referrals',
  },
  { file: answer, from: '(s.truncated ? 0x0200 : 0) |', to: '0 |', what: 'no TC' },
  {
    file: answer,
    from: 'this.options.maxUdpOctets) : 512);',
    to: 'this.options.maxUdpOctets) : 1232);',
    what: 'clients without EDNS get long answers',
  },
  {
    file: parse,
    from: 'octet | 32 : octet; // RFC 4343 §3',
    to: 'octet : octet;',
    what: 'case counts',
  },
  {
    file: write,
    from: '? (sizes & 0xffff) + (sizes >>> 16) : sizes & 0xffff;',
    to: '? sizes & 0xffff : sizes & 0xffff;',
    what: 'no signatures with DO',
  },
];
