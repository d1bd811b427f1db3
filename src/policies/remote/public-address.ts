import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** IPv4 that is not for everybody, by the registry of special-purpose addresses (RFC 6890 and after). */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Metadata and platform services of clouds that answer on addresses which look public.
  '168.63.129.16/32',
];

/** Of 2000::/3, which is all that is public in IPv6; what carries an IPv4 address in it is judged by that. */
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '3fff::/20'];

const v4 = blockList(NOT_PUBLIC_V4, 'ipv4');
const v6 = blockList(NOT_PUBLIC_V6, 'ipv6');

/**
 * Whether an IP address is one of the internet: not loopback, private, link-local (where clouds answer with
 * their metadata), shared (CGNAT), unspecified, multicast, reserved, and no IPv6 form of such an IPv4 address
 * (mapped, NAT64, 6to4).
 */
export function isPublicAddress(ip: string): boolean {
  if (isIPv4(ip)) return !v4.check(ip, 'ipv4');
  const groups = isIPv6(ip) ? groupsOf(ip) : undefined;
  if (!groups) return false;
  const carried = carriedV4(groups);
  if (carried !== undefined) return isPublicAddress(carried);
  return ((groups[0] ?? 0) & 0xe000) === 0x2000 && !v6.check(ip, 'ipv6');
}

/** The IPv4 address within a mapped, NAT64 or 6to4 one. */
function carriedV4(groups: readonly number[]): string | undefined {
  const startsWith = (...prefix: readonly number[]) => prefix.every((group, i) => groups[i] === group);
  const mapped = startsWith(0, 0, 0, 0, 0, 0xffff);
  const nat64 = startsWith(0x64, 0xff9b, 0, 0, 0, 0);
  if (mapped || nat64) return dotted(groups[6], groups[7]);
  if (startsWith(0x2002)) return dotted(groups[1], groups[2]);
  return undefined;
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** Eight numbers; `undefined` with a zone, which is of one link. */
function groupsOf(ip: string): readonly number[] | undefined {
  if (!URL.canParse(`http://[${ip}]`)) return undefined;
  const [head = '', tail] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split('::');
  const numbers = (text: string) =>
    text.split(':').flatMap((part) => (part ? [Number.parseInt(part, 16)] : []));
  const [before, after] = [numbers(head), numbers(tail ?? '')];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function blockList(subnets: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const blocked = new BlockList();
  for (const subnet of subnets) {
    const [net = '', bits] = subnet.split('/');
    blocked.addSubnet(net, Number(bits), family);
  }
  return blocked;
}
