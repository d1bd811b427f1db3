import { BlockList, isIP, isIPv6 } from 'node:net';

/** Of the coordinator that is talked to when nothing else is said. */
export const DEFAULT_ADDRESS = '127.0.0.1:9001';

/** What is accepted as an address, to complete the sentence "expected …". */
export const ADDRESS_SYNTAX = 'HOST:PORT, such as 127.0.0.1:9001, or https://HOST:PORT for TLS';

/** The schemes that the SDK knows; the secure ones mean TLS. */
const SCHEME = /^(https?|grpcs?):\/\//;

const LONGEST_HOST = 253;
const HOST_NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

interface Parts {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: string;
}

/** What is wrong with an address, to follow it after a colon; `undefined` if nothing is. */
export function addressProblem(address: string): string | undefined {
  if (address.trim() === '') return 'it is empty';
  const target = address.replace(SCHEME, '');
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(target)?.[0];
  if (scheme) return `the scheme ${scheme} is not one of http, https, grpc, grpcs`;
  const parts = split(target);
  if (!parts) return shapeProblem(target);
  return hostProblem(target, parts.host) ?? portProblem(parts.port);
}

/** Whether an address leads to this machine. */
export function isLoopback(address: string): boolean {
  const target = address.replace(SCHEME, '');
  const host = (split(target)?.host ?? target).toLowerCase().replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const version = isIP(host);
  return version > 0 && LOOPBACK.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

function split(address: string): Parts | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(address) ?? [];
  return port === undefined ? undefined : { host: bracketed ?? plain ?? '', port };
}

function shapeProblem(address: string): string {
  if (isIPv6(address)) return 'an IPv6 address stands in brackets';
  return /:.*:/.test(address.replace(/^\[.*\]/, '')) ? 'it has more than one colon' : 'the port is missing';
}

function hostProblem(address: string, host: string): string | undefined {
  if (host === '') return 'the host is missing';
  if (address.startsWith('[')) return isIPv6(host) ? undefined : 'what is in brackets is no IPv6 address';
  if (host.length > LONGEST_HOST) return `the host is longer than ${LONGEST_HOST} characters`;
  const isWrong = /^[\d.]+$/.test(host) ? isIP(host) === 0 : !HOST_NAME.test(host);
  return isWrong ? `${JSON.stringify(host)} is no host` : undefined;
}

function portProblem(port: string): string | undefined {
  if (port === '') return 'the port is missing';
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
  return isPort ? undefined : `the port ${JSON.stringify(port)} is not a number from 1 to 65535`;
}
