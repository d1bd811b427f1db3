import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { PROFILE_VIEW } from '../output/profile-view.js';
import { profileFile, readProfiles } from '../profiles/profile-file.js';

export const PROFILE_LIST: Command = {
  path: ['profile', 'list'],
  summary: 'List profiles',
  examples: [{ line: 'reeve profile list', doc: 'with the one in use' }],
  local: true,
  run: async ({ world, out }) => {
    const { all, active } = await readProfiles(profileFile(world));
    const rows = [...all.values()].map((profile) => ({ ...profile, active: profile.name === active }));
    await out.many(PROFILE_VIEW, rows, 'No profiles. Add one: reeve profile add NAME --address HOST:PORT');
    return EXIT.ok;
  },
};
