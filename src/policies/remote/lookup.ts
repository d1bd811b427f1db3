import { promises } from 'node:dns';
import type { Clock } from '../../ports/clock.js';
import type { Lookup } from './address-rules.js';
import { RemoteFailure } from './remote-failure.js';
import { Turnstile } from './turnstile.js';

/**
 * Names that are looked up at once. The machine's resolver takes a thread of Node's four for each, for many
 * seconds if a name's server does not answer, and files and databases need them too.
 */
const LOOKUPS_AT_ONCE = 2;
const LOOKUP_WAIT_MS = 5_000;

/** As other programs on the machine resolve names, files such as `/etc/hosts` included. */
export async function systemLookup(host: string): Promise<readonly string[]> {
  const found = await promises.lookup(host, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}

export function boundLookup(clock: Clock, lookup: Lookup): Lookup {
  const turnstile = new Turnstile(clock, LOOKUPS_AT_ONCE);
  return async (host) => {
    if (!(await turnstile.enter(LOOKUP_WAIT_MS))) {
      throw new RemoteFailure('UNAVAILABLE', `the name ${host} could not be resolved: too many others are`);
    }
    try {
      return await lookup(host);
    } finally {
      turnstile.leave();
    }
  };
}
