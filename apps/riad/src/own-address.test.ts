import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressesOf, addressTowards } from './own-address.ts';

const v4 = (address: string) => ({ address, family: 'IPv4' });
const v6 = (address: string) => ({ address, family: 'IPv6' });
/** As /proc/net/if_inet6 has it, read on Linux 6.1 on 2026-11-25. */
const line = (hex: string, flags: string, name: string): string =>
  `${hex} 02 40 00 ${flags} ${name}\n`;

describe('the addresses of an interface', () => {
  test('link-local, temporary, deprecated and tentative ones are left out', () => {
    const kernel = [
      line('20010db8000000000000000000000001', '80', 'eth0'),
      line('20010db8000000000000000000000002', '01', 'eth0'),
      line('20010db8000000000000000000000003', '20', 'eth0'),
      line('20010db8000000000000000000000004', '40', 'eth0'),
      line('20010db8000000000000000000000005', '08', 'eth0'),
      line('20010db8000000000000000000000001', '20', 'eth1'),
    ].join('');
    const found = addressesOf(
      'eth0',
      {
        eth0: [
          v4('192.0.2.7'),
          v4('169.254.3.4'),
          v6('fe80::1'),
          ...[1, 2, 3, 4, 5].map((last) => v6(`2001:db8::${last}`)),
          v6('fd00::1'),
        ],
      },
      kernel,
    );
    assert.deepEqual(found, { v4: ['192.0.2.7'], v6: ['2001:db8::1'] });
  });

  test('unique local addresses where there is no other', () => {
    assert.deepEqual(addressesOf('x', { x: [v6('fd00::1'), v6('fe80::1')] }, ''), {
      v4: [],
      v6: ['fd00::1'],
    });
  });

  test('an interface that is not there', () => {
    assert.throws(() => addressesOf('y', { x: [] }, ''), { message: /no interface y .* x$/ });
  });

  test('this machine’s loopback', () => {
    assert.deepEqual(addressesOf('lo').v4, ['127.0.0.1']);
  });
});

test('the address that leads to a server', async () => {
  const server = { address: '127.0.0.1', port: 53, timeoutMs: 1000, tls: undefined };
  assert.deepEqual(await addressTowards(server), { v4: ['127.0.0.1'], v6: [] });
});
