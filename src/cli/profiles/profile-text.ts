import { MOST_PROFILES, NO_PROFILES, type Profile, type Profiles, profileProblem } from './profiles.js';

/** What stands in the file, written by hand or by `reeve profile`. */
interface Written {
  readonly active?: string;
  readonly profiles?: Readonly<Record<string, Omit<Profile, 'name'>>>;
}

/**
 * Reads `{"active": NAME, "profiles": {NAME: {"address": HOST:PORT, "org": ORG}}}`. An
 * empty text is no profiles. Throws an `Error` whose message says what is wrong; what it
 * doesn't know is wrong too, so that a misspelt `org` isn't another organisation.
 */
export function parseProfiles(text: string): Profiles {
  if (text.trim() === '') return NO_PROFILES;
  const { active, profiles = {} } = fields(JSON.parse(text), 'the file', ['active', 'profiles']);
  const all = new Map<string, Profile>();
  for (const [name, entry] of Object.entries(object(profiles, 'profiles'))) {
    all.set(name, profileFrom(name, entry));
  }
  if (all.size > MOST_PROFILES) throw new Error(`more than ${MOST_PROFILES} profiles`);
  if (active === undefined) return { all };
  if (typeof active !== 'string' || !all.has(active)) {
    throw new Error(`"active" is ${JSON.stringify(active)}, which is none of the profiles`);
  }
  return { active, all };
}

/** The text that {@link parseProfiles} reads. */
export function formatProfiles({ active, all }: Profiles): string {
  const profiles = Object.fromEntries([...all.values()].map(({ name, ...rest }) => [name, rest]));
  const written: Written = { ...(active !== undefined && { active }), profiles };
  return `${JSON.stringify(written, null, 2)}\n`;
}

function profileFrom(name: string, entry: unknown): Profile {
  const where = `profile ${JSON.stringify(name)}`;
  const { address, org } = fields(entry, where, ['address', 'org']);
  if (typeof address !== 'string') throw new Error(`${where}: "address" is missing or no text`);
  if (org !== undefined && typeof org !== 'string') throw new Error(`${where}: "org" is no text`);
  const profile = { name, address, ...(org !== undefined && { org }) };
  const problem = profileProblem(profile);
  if (problem) throw new Error(`${where}: ${problem}`);
  return profile;
}

function fields(value: unknown, where: string, known: readonly string[]): Record<string, unknown> {
  const found = object(value, where);
  const unknown = Object.keys(found).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new Error(`${where} has a field ${JSON.stringify(unknown)} that is not known`);
  return found;
}

function object(value: unknown, where: string): Record<string, unknown> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return { ...value };
  throw new Error(`${where} is no object`);
}
