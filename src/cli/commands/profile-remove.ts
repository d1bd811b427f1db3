import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { PROFILE_VIEW } from '../output/profile-view.js';
import { changeProfiles, profileFile } from '../profiles/profile-file.js';
import { type Profile, profileNamed } from '../profiles/profiles.js';

export const PROFILE_REMOVE: Command = {
  path: ['profile', 'remove'],
  summary: 'Forget a profile',
  detail: 'If it was in use, none is any more. Prints what it was.',
  args: [{ name: 'NAME', doc: 'profile', complete: 'profile' }],
  examples: [{ line: 'reeve profile remove prod', doc: 'for good' }],
  local: true,
  run: async ({ given, world, out, talk }) => {
    const [name = ''] = given.args;
    const removed: (Profile & { readonly active: boolean })[] = [];
    await changeProfiles(profileFile(world), ({ all, active }) => {
      removed.push({ ...profileNamed({ all }, name), active: active === name });
      const rest = new Map([...all].filter(([other]) => other !== name));
      return { all: rest, ...(active !== undefined && active !== name && { active }) };
    });
    for (const profile of removed) {
      await out.one(PROFILE_VIEW, { ...profile, active: false });
      if (profile.active) talk('It was in use; no profile is any more.');
    }
    return EXIT.ok;
  },
};
