import type { Connection, InForce } from '../connection/connection.js';
import { safeText } from './safe-text.js';
import type { Scene, View } from './view.js';

/** What is in force, and the file that profiles come from. */
export interface ConnectionRow extends Connection {
  readonly file: string;
}

export const CONNECTION_VIEW: View<ConnectionRow> = {
  id: ({ profile, address }) => profile ?? address.value,
  version: ({ profile, address, org }) => [profile, address.value, org.value].join(' '),
  columns: [
    { title: 'profile', value: ({ profile }) => profile },
    { title: 'address', value: ({ address }) => address.value },
    { title: 'address_from', value: ({ address }) => origin(address) },
    { title: 'org', value: ({ org }) => org.value },
    { title: 'org_from', value: ({ org }) => origin(org) },
    { title: 'file', value: ({ file }) => file },
  ],
  details: ({ profile, address, org, file }, scene) => [
    ['Profile', profile ?? 'none'],
    ['Address', said(address, scene)],
    ['Org', said(org, scene)],
    ['File', safeText(file)],
  ],
};

/** `REEVE_ADDRESS`, `profile prod`, `default` */
function origin({ source, origin }: InForce): string {
  if (source === 'default') return source;
  return source === 'profile' ? `profile ${origin}` : origin;
}

function said(value: InForce, { colors }: Scene): string {
  return `${safeText(value.value)} ${colors.dim(`(${origin(value)})`)}`;
}
