import type { Profile } from '../profiles/profiles.js';
import type { View } from './view.js';

/** A profile as it is listed. */
export interface ProfileRow extends Profile {
  /** Whether it is the one in use. */
  readonly active: boolean;
}

export const PROFILE_VIEW: View<ProfileRow> = {
  id: ({ name }) => name,
  version: ({ address, org, active }) => [address, org, active].join(' '),
  columns: [
    { title: 'name', value: ({ name }) => name },
    { title: 'address', value: ({ address }) => address },
    { title: 'org', value: ({ org }) => org },
    {
      title: 'in_use',
      value: ({ active }) => active,
      text: ({ active }, { colors }) => (active ? colors.green('yes') : ''),
    },
  ],
  details: ({ name, address, org, active }) => [
    ['Profile', name],
    ['Address', address],
    ['Org', org ?? ''],
    ['In use', active ? 'yes' : 'no'],
  ],
};
