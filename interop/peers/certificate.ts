/** A certificate that signs itself, for servers on loopback: enough for a handshake, trusted by nobody. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const tag = {
  integer: 0x02,
  bits: 0x03,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  explicit0: 0xa0,
  explicit3: 0xa3,
  octets: 0x04,
  dnsName: 0x82, // RFC 5280 §4.2.1.6
} as const;
const ecdsaWithSha256 = '2a8648ce3d040302'; // 1.2.840.10045.4.3.2, RFC 5758 §3.2
const commonName = '550403'; // 2.5.4.3, RFC 5280 appendix A.1
const subjectAltName = '551d11'; // 2.5.29.17, RFC 5280 §4.2.1.6

/** Writes both files into `folder`. `hosts`: alternative names, without which some clients take no certificate. */
export function writeCertificate(
  folder: string,
  hosts: readonly string[] = [],
): { certificate: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(tag.sequence, der(tag.oid, Buffer.from(ecdsaWithSha256, 'hex')));
  const name = der(
    tag.sequence,
    der(
      tag.set,
      der(
        tag.sequence,
        der(tag.oid, Buffer.from(commonName, 'hex')),
        der(tag.utf8, Buffer.from('ns.test')),
      ),
    ),
  );
  const time = (text: string): Buffer => der(tag.time, Buffer.from(text));
  // RFC 5280 §4.1: version 3, serial number, algorithm, issuer, validity, subject, key.
  const toBeSigned = der(
    tag.sequence,
    der(tag.explicit0, der(tag.integer, Buffer.of(2))),
    der(tag.integer, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name,
    der(tag.sequence, time('20260101000000Z'), time('20760101000000Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(hosts.length === 0 ? [] : [extensions(hosts)]),
  );
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', toBeSigned, privateKey)]);
  const whole = der(tag.sequence, toBeSigned, algorithm, der(tag.bits, signature));
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  const lines = whole.toString('base64').replace(/.{1,64}/g, '$&\n');
  writeFileSync(
    files.certificate,
    `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
  );
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return files;
}

function extensions(hosts: readonly string[]): Buffer {
  const names = der(tag.sequence, ...hosts.map((host) => der(tag.dnsName, Buffer.from(host))));
  const oid = der(tag.oid, Buffer.from(subjectAltName, 'hex'));
  return der(tag.explicit3, der(tag.sequence, der(tag.sequence, oid, der(tag.octets, names))));
}

function der(type: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(type, ...size), content]);
}
