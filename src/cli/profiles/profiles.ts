import { addressProblem } from '../connection/address.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';

/** A name for a coordinator and an organisation there. */
export interface Profile {
  readonly name: string;
  readonly address: string;
  /** Unset: the default one. */
  readonly org?: string;
}

/** All profiles of a person. */
export interface Profiles {
  /** Name of the one that is used when none is named. */
  readonly active?: string;
  /** By name, in the order in which they were added. */
  readonly all: ReadonlyMap<string, Profile>;
}

export const NO_PROFILES: Profiles = { all: new Map() };

/** More than this is a mistake. */
export const MOST_PROFILES = 200;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const ORG = /^[A-Za-z0-9][A-Za-z0-9._\-/:@+]{0,99}$/;

/** What is wrong with a profile, as a sentence without its end; `undefined` if nothing is. */
export function profileProblem({ name, address, org }: Profile): string | undefined {
  if (!NAME.test(name)) {
    return `${quoted(name)} is no name of a profile: at most 64 letters, digits and . _ -, starting with a letter or digit`;
  }
  const problem = addressProblem(address);
  if (problem) return `${quoted(address)} is no address: ${problem}`;
  if (org === undefined || ORG.test(org)) return undefined;
  return `${quoted(org)} is no organisation: at most 100 letters, digits and . _ - / : @ +, starting with a letter or digit`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

/** @throws CliError if there is none of that name */
export function profileNamed({ all }: Profiles, name: string): Profile {
  const profile = all.get(name);
  if (profile) return profile;
  throw new CliError({
    code: 'PROFILE_NOT_FOUND',
    message: `there is no profile ${quoted(name)}`,
    retryable: false,
    hint: 'See which there are: reeve profile list',
    exit: EXIT.notFound,
  });
}
