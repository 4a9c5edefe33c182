/** Cookies: 8 octets of the client and 8 to 32 of the server (RFC 7873 §4). */
import { formatHex } from '@riad/octets/hex';
import { EdnsOptionCode } from '../iana/edns-options.ts';
import { EdnsOptionType } from './option.ts';

export type Cookie = {
  readonly client: Uint8Array;
  readonly server: Uint8Array | undefined;
};

const clientOctets = 8;

function isServerCookie(length: number): boolean {
  return length >= 8 && length <= 32;
}

export const cookie: EdnsOptionType<Cookie> = new EdnsOptionType<Cookie>({
  code: EdnsOptionCode.COOKIE,
  name: 'COOKIE',
  reference: 'RFC 7873 §4',
  decode: (reader) => {
    const client = reader.octets(clientOctets, 'client cookie');
    const server = reader.rest();
    if (server.length > 0 && !isServerCookie(server.length)) {
      reader.fail('edns.option', `a server cookie of ${server.length} octets`); // RFC 7873 §5.2.2
    }
    return { client, server: server.length === 0 ? undefined : server };
  },
  encode: ({ client, server }, writer) => {
    if (client.length !== clientOctets) throw new RangeError('a client cookie has 8 octets');
    if (server !== undefined && !isServerCookie(server.length)) {
      throw new RangeError('a server cookie has 8 to 32 octets');
    }
    writer.octets(client);
    if (server !== undefined) writer.octets(server);
  },
  format: ({ client, server }) => formatHex(client) + (server ? formatHex(server) : ''),
});
