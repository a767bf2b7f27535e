import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Error code for a host that resolves to an address outside the public internet. */
export const NOT_PUBLIC_ADDRESS = 'PRIVATE_ADDRESS';

/**
 * Addresses that count as not public: https://www.iana.org/assignments/iana-ipv4-special-registry, multicast, and Azure's
 * metadata service, which has a public address.
 */
const NOT_PUBLIC = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['168.63.129.16', 32],
] as const)
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv4');
// Not public, although in GLOBAL_UNICAST: protocol assignments (Teredo), documentation, and 6to4, which contains an IPv4 address.
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv6');
/** Assigned public IPv6 addresses. All others are local, mapped or not assigned. */
const GLOBAL_UNICAST = new BlockList();
GLOBAL_UNICAST.addSubnet('2000::', 3, 'ipv6');

/** True if an address belongs to the public internet: not loopback, private, link-local, metadata or reserved. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !NOT_PUBLIC.check(address, 'ipv4');
  return version === 6 && GLOBAL_UNICAST.check(address, 'ipv6') && !NOT_PUBLIC.check(address, 'ipv6');
}

/**
 * Creates a lookup that rejects a host unless all its addresses are public. The connection uses the addresses of this lookup, so
 * a later DNS response cannot redirect it.
 */
export function createPublicLookup(lookup: typeof dns.lookup = dns.lookup): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      if (addresses.length > 0 && addresses.every(({ address }) => isPublicAddress(address)))
        return callback(null, addresses);
      callback(Object.assign(new Error('not a public address'), { code: NOT_PUBLIC_ADDRESS }), []);
    });
}
