import { isIP } from 'node:net';
import { HOST_PORT_SYNTAX, type HostPort, parseHostPort } from './host-port.js';
import { isPublicAddress } from './public-address.js';
import { RemoteFailure, theirWords } from './remote-failure.js';

/** All addresses of a name, as the machine knows them. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Hosts that may be what others may not; names in any case, addresses without brackets. */
export interface AddressRuleOptions {
  /** May be loopback, private and the like. */
  readonly privateHosts: readonly string[];
  /** May be spoken to without TLS. */
  readonly plaintextHosts: readonly string[];
  readonly lookup: Lookup;
}

export interface AddressRules {
  /** Reads `host:port`. @throws RemoteFailure if it is none, or may not be spoken to in this way */
  parse(address: string, plaintext: boolean): HostPort;
  /**
   * The IP addresses to connect to, each checked; nothing else may look the name up again.
   *
   * @throws RemoteFailure if there is none, or any of them is not public and the host not listed
   */
  resolve(host: string): Promise<readonly string[]>;
}

/** Where the server may connect to on behalf of an organisation. */
export function createAddressRules({
  privateHosts,
  plaintextHosts,
  lookup,
}: AddressRuleOptions): AddressRules {
  const mayBePrivate = new Set(privateHosts.map(bare));
  const mayBePlain = new Set(plaintextHosts.map(bare));

  return {
    parse(address, plaintext) {
      const parsed = parseHostPort(address);
      if (!parsed) throw refused(`${JSON.stringify(theirWords(address))} is not ${HOST_PORT_SYNTAX}`);
      if (plaintext && !mayBePlain.has(parsed.host)) {
        throw refused(`${parsed.host} may not be spoken to without TLS (setting policy-plaintext-hosts)`);
      }
      if (isIP(parsed.host)) check(parsed.host, [parsed.host]);
      return parsed;
    },

    async resolve(host) {
      if (isIP(host)) return check(host, [host]);
      let found: readonly string[];
      try {
        found = await lookup(host);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
        throw new RemoteFailure('UNAVAILABLE', `the name ${host} could not be resolved${code}`);
      }
      if (found.length === 0) throw new RemoteFailure('UNAVAILABLE', `the name ${host} has no address`);
      return check(host, found);
    },
  };

  /** One that may not be refuses all: a name that has such a one is not trusted with the others. */
  function check(host: string, found: readonly string[]): readonly string[] {
    if (mayBePrivate.has(host) || found.every(isPublicAddress)) return found;
    const what = isIP(host) ? 'is not a public address' : 'has an address that is not public';
    throw refused(`${host} ${what}, and may not be connected to (setting policy-private-hosts)`);
  }
}

/** An address that the rules do not allow. */
export class AddressRefused extends RemoteFailure {}

function refused(message: string): AddressRefused {
  return new AddressRefused('UNAVAILABLE', message);
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, '');
}
