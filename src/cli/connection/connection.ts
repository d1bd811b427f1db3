import { usageError } from '../failure.js';
import { profileFile, readProfiles } from '../profiles/profile-file.js';
import { type Profile, profileNamed } from '../profiles/profiles.js';
import type { World } from '../world.js';
import { ADDRESS_SYNTAX, addressProblem, DEFAULT_ADDRESS } from './address.js';

/** A value that is in force, and who said so. */
export interface InForce {
  readonly value: string;
  readonly source: 'flag' | 'environment' | 'profile' | 'default';
  /** As the person knows it: `--address`, `REEVE_ADDRESS`, the profile's name; empty for a default. */
  readonly origin: string;
}

/** Which coordinator a command talks to, and as whom. */
export interface Connection {
  readonly address: InForce;
  readonly org: InForce;
  /** Name of the profile that was chosen, whether or not anything of it is in force. */
  readonly profile?: string;
}

/** What the command line says of the connection. */
export interface ConnectionFlags {
  readonly address?: string | undefined;
  readonly org?: string | undefined;
  readonly profile?: string | undefined;
}

/**
 * What is in force: for address and organisation the first of flag, environment, profile
 * and default that says something. The profile is the one that `--profile` or REEVE_PROFILE
 * names, else the one in use. An empty variable is unset.
 *
 * @throws CliError for an address that is none, a profile that does not exist, and a file
 *   of profiles that cannot be read
 */
export async function resolveConnection(flags: ConnectionFlags, world: World): Promise<Connection> {
  for (const name of ['profile', 'org'] as const) {
    if (flags[name] === '') throw usageError(`--${name}: "" is not accepted, expected a name`);
  }
  const { env } = world;
  const profile = await chosenProfile(flags.profile ?? (env.REEVE_PROFILE || undefined), world);
  const address = first(
    said('flag', '--address', flags.address),
    said('environment', 'REEVE_ADDRESS', env.REEVE_ADDRESS || undefined),
    said('profile', profile?.name ?? '', profile?.address),
    DEFAULT_ADDRESS,
  );
  const problem = addressProblem(address.value);
  if (problem) {
    const value = JSON.stringify(address.value);
    throw usageError(`${address.origin}: ${value} is not accepted: ${problem}; expected ${ADDRESS_SYNTAX}`);
  }
  const org = first(
    said('flag', '--org', flags.org),
    said('environment', 'REEVE_ORG', env.REEVE_ORG || undefined),
    said('profile', profile?.name ?? '', profile?.org),
    'default',
  );
  return { address, org, ...(profile && { profile: profile.name }) };
}

async function chosenProfile(asked: string | undefined, world: World): Promise<Profile | undefined> {
  const profiles = await readProfiles(profileFile(world));
  const name = asked ?? profiles.active;
  return name === undefined ? undefined : profileNamed(profiles, name);
}

function said(source: InForce['source'], origin: string, value: string | undefined): InForce | undefined {
  return value === undefined ? undefined : { value, source, origin };
}

function first(
  flag: InForce | undefined,
  environment: InForce | undefined,
  profile: InForce | undefined,
  otherwise: string,
): InForce {
  return flag ?? environment ?? profile ?? { value: otherwise, source: 'default', origin: '' };
}
