import type { System } from '../rig.js';
import { PEERS_BY_STORE, type PeerName, peer } from './peer.js';
import { reeve, reeveLimits, reevePolicies, reeveTwo } from './reeve.js';
import { reeveDev } from './reeve-dev.js';
import type { ReeveOptions } from './reeve-rig.js';

const PEER_NAMES = Object.keys(PEERS_BY_STORE) as PeerName[];

/** What can be measured; a peer also with the settings that it has by default, as `NAME-default`. */
export const SYSTEMS = [
  'reeve',
  'reeve-two',
  'reeve-policies',
  'reeve-limits',
  'reeve-dev',
  ...PEER_NAMES,
  ...PEER_NAMES.map((name) => `${name}-default`),
] as readonly string[];

/** @param name of `SYSTEMS` */
export function systemOf(name: string, options: ReeveOptions): System {
  if (name === 'reeve') return reeve(options);
  if (name === 'reeve-two') return reeveTwo(options);
  if (name === 'reeve-policies') return reevePolicies(options);
  if (name === 'reeve-limits') return reeveLimits(options);
  if (name === 'reeve-dev') return reeveDev(options);
  const variant = name.endsWith('-default') ? 'default' : 'tuned';
  const found = PEER_NAMES.find((one) => name === one || name === `${one}-default`);
  if (!found) throw new Error(`no system ${name}`);
  return peer({ peer: found, variant, payloadBytes: options.payloadBytes });
}
