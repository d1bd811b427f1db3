import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CliError, usageError } from '../failure.js';
import { PROFILE_VIEW } from '../output/profile-view.js';
import { changeProfiles, profileFile } from '../profiles/profile-file.js';
import { type Profile, profileProblem } from '../profiles/profiles.js';

export const PROFILE_ADD: Command = {
  path: ['profile', 'add'],
  summary: 'Remember a coordinator under a name',
  detail:
    'What is remembered is used where neither an option nor a variable says otherwise: with --profile NAME or REEVE_PROFILE in one command, after `reeve profile use NAME` in all. Kept in a file that only you can read; `reeve profile show` tells which, REEVE_CONFIG names another.',
  args: [{ name: 'NAME', doc: 'letters, digits and . _ -, at most 64' }],
  options: [
    { name: 'address', value: 'HOST:PORT', doc: 'coordinator to talk to; must be given' },
    { name: 'org', value: 'ORG', doc: 'organisation to act in', default: 'default' },
    { name: 'replace', doc: 'put it in the place of one of that name' },
  ],
  examples: [
    { line: 'reeve profile add prod --address reeve.example:9001 --org acme', doc: 'with an organisation' },
    { line: 'reeve task list --profile prod', doc: 'in one command' },
  ],
  local: true,
  run: async ({ given, world, out, talk }) => {
    const profile = profileFrom(given.args[0] ?? '', given.text('address'), given.text('org'));
    const { name } = profile;
    let active = false;
    await changeProfiles(profileFile(world), (before) => {
      if (before.all.has(name) && !given.switched('replace')) throw taken(name);
      active = before.active === name;
      return { ...before, all: new Map([...before.all, [name, profile]]) };
    });
    await out.one(PROFILE_VIEW, { ...profile, active });
    if (out.live && !active) talk(`Use it in all commands: reeve profile use ${name}`);
    return EXIT.ok;
  },
};

function profileFrom(name: string, address: string | undefined, org: string | undefined): Profile {
  if (address === undefined) throw usageError('--address is missing');
  const profile = { name, address, ...(org !== undefined && { org }) };
  const problem = profileProblem(profile);
  if (problem) throw usageError(problem);
  return profile;
}

function taken(name: string): CliError {
  return new CliError({
    code: 'PROFILE_EXISTS',
    message: `there is a profile ${name} already`,
    retryable: false,
    hint: 'Put this one in its place with --replace, or look at it: reeve profile list',
    exit: EXIT.conflict,
  });
}
