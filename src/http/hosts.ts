import { isIP } from 'node:net';

/** Whether an address that is listened on can be reached from this machine only. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./i.test(address) || address === '::1';
}

/** The name in a Host header, in lower case, without port and brackets; `undefined` if it is none. */
export function hostNameOf(host: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host ?? '');
  if (!match || !URL.canParse(`http://${host}`)) return undefined;
  const name = match[1] ?? match[2]?.replace(/\.$/, '');
  return name?.toLowerCase();
}

export interface HostRules {
  /** What the server was told to listen on, and what that turned out to be. */
  readonly bound: readonly string[];
  readonly loopback: boolean;
  /** Further names. */
  readonly allowed: readonly string[];
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

/**
 * Whether a request may be for this host. A page of somebody else's whose name is made to
 * resolve to this machine (DNS rebinding) asks under that name. Reached by other machines, and
 * with no names set, the server cannot know what it is called; an address is no name, and safe.
 */
export function isAllowedHost(name: string, { bound, loopback, allowed }: HostRules): boolean {
  if (LOOPBACK_NAMES.includes(name) || bound.includes(name)) return true;
  if (allowed.some((one) => one.toLowerCase() === name)) return true;
  return !loopback && (allowed.length === 0 || isIP(name) !== 0);
}
