/**
 * What asking for a record type gives, by type: `A` a set of IPv4 addresses, `SOA` one SOA. The
 * compiler knows it, so no caller has to look whether there may be two.
 */
import { equalOctets } from '@riad/octets/ascii';
import type { Ipv4Address, Ipv6Address } from '@riad/octets/ip-address';
import { Reader } from '@riad/octets/reader';
import { RecordClass } from './iana/classes.ts';
import { RecordTypeCode } from './iana/record-types.ts';
import type { ResourceRecord } from './message.ts';
import { type Name, nameKey } from './name.ts';
import type { A6 } from './rdata/a6.ts';
import type { Afsdb } from './rdata/afsdb.ts';
import type { Amtrelay } from './rdata/amtrelay.ts';
import type { Apl } from './rdata/apl.ts';
import type { Atma } from './rdata/atma.ts';
import type { Avc } from './rdata/avc.ts';
import type { Brid } from './rdata/brid.ts';
import type { Caa } from './rdata/caa.ts';
import type { Cdnskey } from './rdata/cdnskey.ts';
import type { Cds } from './rdata/cds.ts';
import type { Cert } from './rdata/cert.ts';
import type { Cname } from './rdata/cname.ts';
import type { Csync } from './rdata/csync.ts';
import type { Dhcid } from './rdata/dhcid.ts';
import type { Dlv } from './rdata/dlv.ts';
import type { Dname } from './rdata/dname.ts';
import type { Dnskey } from './rdata/dnskey.ts';
import type { Doa } from './rdata/doa.ts';
import type { Ds } from './rdata/ds.ts';
import type { Dsync } from './rdata/dsync.ts';
import type { Eid } from './rdata/eid.ts';
import type { Eui48 } from './rdata/eui48.ts';
import type { Eui64 } from './rdata/eui64.ts';
import type { Gpos } from './rdata/gpos.ts';
import type { Hhit } from './rdata/hhit.ts';
import type { Hinfo } from './rdata/hinfo.ts';
import type { Hip } from './rdata/hip.ts';
import type { Https } from './rdata/https.ts';
import type { Ipseckey } from './rdata/ipseckey.ts';
import type { Isdn } from './rdata/isdn.ts';
import type { Key } from './rdata/key.ts';
import type { Kx } from './rdata/kx.ts';
import type { L32 } from './rdata/l32.ts';
import type { L64 } from './rdata/l64.ts';
import type { Loc } from './rdata/loc.ts';
import type { Lp } from './rdata/lp.ts';
import type { Mb } from './rdata/mb.ts';
import type { Md } from './rdata/md.ts';
import type { Mf } from './rdata/mf.ts';
import type { Mg } from './rdata/mg.ts';
import type { Minfo } from './rdata/minfo.ts';
import type { Mr } from './rdata/mr.ts';
import type { Mx } from './rdata/mx.ts';
import type { Naptr } from './rdata/naptr.ts';
import type { Nid } from './rdata/nid.ts';
import type { Nimloc } from './rdata/nimloc.ts';
import type { Ninfo } from './rdata/ninfo.ts';
import type { Ns } from './rdata/ns.ts';
import type { Nsap } from './rdata/nsap.ts';
import type { NsapPtr } from './rdata/nsap-ptr.ts';
import type { Nsec } from './rdata/nsec.ts';
import type { Nsec3 } from './rdata/nsec3.ts';
import type { Nsec3param } from './rdata/nsec3param.ts';
import type { Nxt } from './rdata/nxt.ts';
import type { Opaque } from './rdata/opaque.ts';
import type { Openpgpkey } from './rdata/openpgpkey.ts';
import type { Ptr } from './rdata/ptr.ts';
import type { Px } from './rdata/px.ts';
import { recordTypeOf } from './rdata/registry.ts';
import type { Resinfo } from './rdata/resinfo.ts';
import type { Rkey } from './rdata/rkey.ts';
import type { Rp } from './rdata/rp.ts';
import type { Rrsig } from './rdata/rrsig.ts';
import type { Rt } from './rdata/rt.ts';
import type { Sig } from './rdata/sig.ts';
import type { Sink } from './rdata/sink.ts';
import type { Smimea } from './rdata/smimea.ts';
import type { Soa } from './rdata/soa.ts';
import type { Spf } from './rdata/spf.ts';
import type { Srv } from './rdata/srv.ts';
import type { Sshfp } from './rdata/sshfp.ts';
import type { Svcb } from './rdata/svcb.ts';
import type { Ta } from './rdata/ta.ts';
import type { Talink } from './rdata/talink.ts';
import type { Tkey } from './rdata/tkey.ts';
import type { Tlsa } from './rdata/tlsa.ts';
import type { Tsig } from './rdata/tsig.ts';
import type { Txt } from './rdata/txt.ts';
import type { Uri } from './rdata/uri.ts';
import type { Wallet } from './rdata/wallet.ts';
import type { Wks } from './rdata/wks.ts';
import type { X25 } from './rdata/x25.ts';
import type { Zonemd } from './rdata/zonemd.ts';

/** Types of which a name has one record at most (RFC 2181 §10.1, RFC 6672 §2.4). */
export type One<Value> = { readonly ttlSeconds: number; readonly value: Value };
/** At least one, no two the same (RFC 2181 §5). */
export type Many<Value> = { readonly ttlSeconds: number; readonly values: readonly Value[] };
export type AddressSet<Address> = {
  readonly ttlSeconds: number;
  readonly addresses: ReadonlySet<Address>;
};

export interface RrTypes {
  readonly A: AddressSet<Ipv4Address>;
  readonly NS: Many<Ns>;
  readonly MD: Many<Md>;
  readonly MF: Many<Mf>;
  readonly CNAME: One<Cname>;
  readonly SOA: One<Soa>;
  readonly MB: Many<Mb>;
  readonly MG: Many<Mg>;
  readonly MR: Many<Mr>;
  readonly NULL: Many<Opaque>;
  readonly WKS: Many<Wks>;
  readonly PTR: Many<Ptr>;
  readonly HINFO: Many<Hinfo>;
  readonly MINFO: Many<Minfo>;
  readonly MX: Many<Mx>;
  readonly TXT: Many<Txt>;
  readonly RP: Many<Rp>;
  readonly AFSDB: Many<Afsdb>;
  readonly X25: Many<X25>;
  readonly ISDN: Many<Isdn>;
  readonly RT: Many<Rt>;
  readonly NSAP: Many<Nsap>;
  readonly 'NSAP-PTR': Many<NsapPtr>;
  readonly SIG: Many<Sig>;
  readonly KEY: Many<Key>;
  readonly PX: Many<Px>;
  readonly GPOS: Many<Gpos>;
  readonly AAAA: AddressSet<Ipv6Address>;
  readonly LOC: Many<Loc>;
  readonly NXT: Many<Nxt>;
  readonly EID: Many<Eid>;
  readonly NIMLOC: Many<Nimloc>;
  readonly SRV: Many<Srv>;
  readonly ATMA: Many<Atma>;
  readonly NAPTR: Many<Naptr>;
  readonly KX: Many<Kx>;
  readonly CERT: Many<Cert>;
  readonly A6: Many<A6>;
  readonly DNAME: One<Dname>;
  readonly SINK: Many<Sink>;
  readonly APL: Many<Apl>;
  readonly DS: Many<Ds>;
  readonly SSHFP: Many<Sshfp>;
  readonly IPSECKEY: Many<Ipseckey>;
  readonly RRSIG: Many<Rrsig>;
  readonly NSEC: Many<Nsec>;
  readonly DNSKEY: Many<Dnskey>;
  readonly DHCID: Many<Dhcid>;
  readonly NSEC3: Many<Nsec3>;
  readonly NSEC3PARAM: Many<Nsec3param>;
  readonly TLSA: Many<Tlsa>;
  readonly SMIMEA: Many<Smimea>;
  readonly HIP: Many<Hip>;
  readonly NINFO: Many<Ninfo>;
  readonly RKEY: Many<Rkey>;
  readonly TALINK: Many<Talink>;
  readonly CDS: Many<Cds>;
  readonly CDNSKEY: Many<Cdnskey>;
  readonly OPENPGPKEY: Many<Openpgpkey>;
  readonly CSYNC: Many<Csync>;
  readonly ZONEMD: Many<Zonemd>;
  readonly SVCB: Many<Svcb>;
  readonly HTTPS: Many<Https>;
  readonly DSYNC: Many<Dsync>;
  readonly HHIT: Many<Hhit>;
  readonly BRID: Many<Brid>;
  readonly SPF: Many<Spf>;
  readonly NID: Many<Nid>;
  readonly L32: Many<L32>;
  readonly L64: Many<L64>;
  readonly LP: Many<Lp>;
  readonly EUI48: Many<Eui48>;
  readonly EUI64: Many<Eui64>;
  readonly TKEY: Many<Tkey>;
  readonly TSIG: Many<Tsig>;
  readonly URI: Many<Uri>;
  readonly CAA: Many<Caa>;
  readonly AVC: Many<Avc>;
  readonly DOA: Many<Doa>;
  readonly AMTRELAY: Many<Amtrelay>;
  readonly RESINFO: Many<Resinfo>;
  readonly WALLET: Many<Wallet>;
  readonly TA: Many<Ta>;
  readonly DLV: Many<Dlv>;
}

const single: ReadonlySet<keyof RrTypes> = new Set(['SOA', 'CNAME', 'DNAME'] as const);

/** Records by owner and type, each type with its own shape. */
export class RecordMap {
  private readonly sets: Map<string, ResourceRecord[]> = new Map();

  /** Takes the records of `recordClass`; of the same data twice only the first counts. */
  constructor(records: Iterable<ResourceRecord>, recordClass: number = RecordClass.IN) {
    for (const record of records) {
      if (record.class !== recordClass) continue;
      const key = keyOf(record.owner, record.type);
      const set = this.sets.get(key);
      if (set === undefined) this.sets.set(key, [record]);
      else if (!set.some(({ rdata }) => equalOctets(rdata, record.rdata))) set.push(record);
    }
  }

  /**
   * What the owner has of that type, in the type's own shape; undefined if nothing. Where there may
   * be one record only and there are more, the answer is the first. Malformed data is a DecodeError,
   * which records of a decoded message never are.
   */
  lookup<Type extends keyof RrTypes>(owner: Name, type: Type): RrTypes[Type] | undefined {
    const code = RecordTypeCode[type];
    const set = this.sets.get(keyOf(owner, code));
    if (set === undefined) return undefined;
    const first = set[0]!;
    const layout = recordTypeOf(code, first.class);
    const values = set.map(({ rdata }) => layout.decode(new Reader(rdata)));
    // RFC 2181 §5.2: the records of a set have one TTL; where they differ, the least.
    const ttlSeconds = Math.min(...set.map((record) => record.ttlSeconds));
    return shape(type, ttlSeconds, values) as RrTypes[Type];
  }
}

function shape(
  type: keyof RrTypes,
  ttlSeconds: number,
  values: readonly unknown[],
): AddressSet<string> | One<unknown> | Many<unknown> {
  if (type === 'A' || type === 'AAAA') {
    const addresses = values.map((value) => (value as { address: string }).address);
    return { ttlSeconds, addresses: new Set(addresses) };
  }
  return single.has(type) ? { ttlSeconds, value: values[0] } : { ttlSeconds, values };
}

function keyOf(owner: Name, type: number): string {
  return `${type} ${nameKey(owner)}`;
}
