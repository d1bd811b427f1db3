import { colorsFor } from '../output/colors.js';
import { isLoopback } from './address.js';
import type { Connection } from './connection.js';

/**
 * What a person is shown before a command talks to a coordinator elsewhere because a
 * profile says so: `[prod] reeve.example:9001, org acme`. `undefined` where there is
 * nothing to be reminded of.
 */
export function badge({ address, org, profile }: Connection, color: boolean): string | undefined {
  const isOfProfile = address.source === 'profile' || org.source === 'profile';
  if (profile === undefined || !isOfProfile || isLoopback(address.value)) return undefined;
  const colors = colorsFor(color);
  const acting = org.source === 'default' ? '' : `, org ${org.value}`;
  return `${colors.inverse(`[${profile}]`)} ${address.value}${acting}`;
}
