import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { createPublicLookup, isPublicAddress } from '../../src/lib/public-address.ts';

test.each([
  ['this machine', '127.0.0.1 127.8.8.8 0.0.0.0 ::1 ::'],
  ['a private network', '10.0.0.7 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 fc00::1 fd00:ec2::254'],
  ['a link', '169.254.1.1 fe80::1 fe80::1%eth0'],
  ['the metadata of a cloud', '169.254.169.254 100.100.100.200 168.63.129.16 192.0.0.192'],
  ['an IPv4 address in IPv6', '::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::a00:7 2002:7f00:1:: 2001:0:1::'],
  [
    'nobody',
    '224.0.0.1 255.255.255.255 203.0.113.9 198.51.100.1 192.0.2.1 2001:db8::1 ff02::1 example.com 127.1',
  ],
])('an address of %s is not public', (_, addresses) => {
  expect(addresses.split(' ').filter(isPublicAddress)).toEqual([]);
});

test('others are', () => {
  const all = ['8.8.8.8', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::6810:84e5', '2a00:1450::1'];
  expect(all.filter(isPublicAddress)).toEqual(all);
});

/** What a host resolves to, with these addresses in DNS. */
function look(found: string[], failure: Error | null = null) {
  const asked: object[] = [];
  const addresses: LookupAddress[] = found.map((address) => ({
    address,
    family: address.includes(':') ? 6 : 4,
  }));
  const resolve = (
    _: string,
    options: object,
    callback: (error: Error | null, all: LookupAddress[]) => void,
  ) => {
    asked.push(options);
    callback(failure, addresses);
  };
  const lookup = createPublicLookup(resolve as never);
  return new Promise<unknown>((done) =>
    lookup('a.test', { family: 0 }, (error, all) =>
      done(error ? (error as NodeJS.ErrnoException).code : [all, asked]),
    ),
  );
}

test('a host is resolved once, and all of its addresses have to be public', async () => {
  const both = [
    { address: '8.8.8.8', family: 4 },
    { address: '2a00::1', family: 6 },
  ];
  expect(await look(['8.8.8.8', '2a00::1'])).toEqual([both, [{ family: 0, all: true }]]);
  expect(await look(['8.8.8.8', '127.0.0.1'])).toBe('PRIVATE_ADDRESS');
  expect(await look(['169.254.169.254'])).toBe('PRIVATE_ADDRESS');
  expect(await look([])).toBe('PRIVATE_ADDRESS');
  expect(await look([], Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }))).toBe('ENOTFOUND');
});
