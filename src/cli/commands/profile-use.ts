import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { usageError } from '../failure.js';
import { PROFILE_VIEW } from '../output/profile-view.js';
import { changeProfiles, profileFile } from '../profiles/profile-file.js';
import { type Profile, profileNamed } from '../profiles/profiles.js';

export const PROFILE_USE: Command = {
  path: ['profile', 'use'],
  summary: 'Use a profile in all commands',
  detail: 'On a terminal, commands show its name when the coordinator is not on this machine.',
  args: [{ name: 'NAME', doc: 'profile', optional: true, complete: 'profile' }],
  options: [{ name: 'none', doc: 'use none any more' }],
  examples: [
    { line: 'reeve profile use prod', doc: 'from now on' },
    { line: 'reeve profile use --none', doc: 'back to the default address' },
  ],
  local: true,
  run: async ({ given, world, out, talk }) => {
    const [name] = given.args;
    const isNone = given.switched('none') ?? false;
    if (isNone === (name !== undefined)) throw usageError('give either the name of a profile or --none');
    const used: Profile[] = [];
    await changeProfiles(profileFile(world), ({ all }) => {
      if (name === undefined) return { all };
      used.push(profileNamed({ all }, name));
      return { all, active: name };
    });
    for (const profile of used) await out.one(PROFILE_VIEW, { ...profile, active: true });
    if (isNone) talk('No profile is in use.');
    if (world.env.REEVE_PROFILE)
      talk(`But REEVE_PROFILE=${world.env.REEVE_PROFILE} is set and goes before it.`);
    return EXIT.ok;
  },
};
