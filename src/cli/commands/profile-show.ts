import type { Command } from '../command.js';
import { resolveConnection } from '../connection/connection.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_VIEW } from '../output/connection-view.js';
import { profileFile } from '../profiles/profile-file.js';

export const PROFILE_SHOW: Command = {
  path: ['profile', 'show'],
  summary: 'Show which coordinator commands talk to, and what says so',
  detail:
    'Address and organisation come from the first that says something: option, variable, profile, default. Asks no coordinator.',
  args: [{ name: 'NAME', doc: 'as if --profile NAME were given', optional: true, complete: 'profile' }],
  examples: [
    { line: 'reeve profile show', doc: 'what is in force' },
    { line: 'reeve profile show prod', doc: 'what would be with it' },
  ],
  run: async ({ given, world, out, connection }) => {
    const [profile] = given.args;
    const flags = { address: given.text('address'), org: given.text('org') };
    const shown =
      profile === undefined ? connection() : await resolveConnection({ ...flags, profile }, world);
    await out.one(CONNECTION_VIEW, { ...shown, file: profileFile(world) });
    return EXIT.ok;
  },
};
