import { isIPv6 } from 'node:net';

export interface HostPort {
  /** A name in lower case, or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** What is accepted, to complete "expected …". */
export const HOST_PORT_SYNTAX = 'host:port, such as policies.example.com:443 or [2001:db8::1]:443';

const NAMED = /^([A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_.])?):(\d{1,5})$/;
const BRACKETED = /^\[([0-9A-Fa-f:.]{2,45})\]:(\d{1,5})$/;

/** `undefined`: it is none. */
export function parseHostPort(address: string): HostPort | undefined {
  const named = NAMED.exec(address);
  const match = named ?? BRACKETED.exec(address);
  if (!match?.[1]) return undefined;
  const host = match[1].toLowerCase();
  const port = Number(match[2]);
  if (port < 1 || port > 65_535 || (!named && !isIPv6(host))) return undefined;
  return { host, port };
}

/** As it is written in targets and authorities. */
export function formatHostPort({ host, port }: HostPort): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
