import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import type { World } from '../world.js';
import { formatProfiles, parseProfiles } from './profile-text.js';
import { MOST_PROFILES, NO_PROFILES, type Profiles } from './profiles.js';

const LARGEST_FILE_BYTES = 1_048_576;

type Surroundings = Pick<World, 'env' | 'platform' | 'homeDir'>;

/** Where a person's profiles are: REEVE_CONFIG, else `reeve/config.json` in the folder for such files. */
export function profileFile({ env, platform, homeDir }: Surroundings): string {
  if (env.REEVE_CONFIG) return path.resolve(env.REEVE_CONFIG);
  const { join, isAbsolute } = platform === 'win32' ? path.win32 : path.posix;
  if (platform === 'win32') {
    return join(env.APPDATA || join(home(homeDir), 'AppData', 'Roaming'), 'reeve', 'config.json');
  }
  const { XDG_CONFIG_HOME: asked = '' } = env;
  // What is not absolute is to be ignored, says the XDG Base Directory Specification.
  if (isAbsolute(asked)) return join(asked, 'reeve', 'config.json');
  const usual = platform === 'darwin' ? ['Library', 'Application Support'] : ['.config'];
  return join(home(homeDir), ...usual, 'reeve', 'config.json');
}

/** A user id without an entry, as in many containers, has no home, and so no profiles. */
function home(homeDir: () => string): string {
  try {
    return homeDir();
  } catch {
    return path.parse(process.cwd()).root;
  }
}

/** The profiles of a file; none if there is no such file. Throws `CliError` (PROFILES_UNREADABLE). */
export async function readProfiles(file: string): Promise<Profiles> {
  try {
    const about = await stat(file);
    // A pipe or a device might never end.
    if (!about.isFile()) throw new Error('it is no file');
    if (about.size > LARGEST_FILE_BYTES) throw new Error(`it is larger than ${LARGEST_FILE_BYTES} bytes`);
    return parseProfiles(await readFile(file, 'utf8'));
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return NO_PROFILES;
    const hint = 'Correct the file or remove it, or name another with REEVE_CONFIG.';
    throw trouble('PROFILES_UNREADABLE', `the profiles in ${file} cannot be read`, error, hint);
  }
}

/**
 * Changes the profiles of a file: a reader sees them as they were or as they become. The
 * next version is written beside it under a name that only one writer at a time can have.
 * Throws `CliError`; then nothing is changed.
 */
export async function changeProfiles(file: string, change: (before: Profiles) => Profiles): Promise<void> {
  // A link to the file stays a link.
  const target = await realpath(file).catch(() => file);
  const next = `${target}.lock`;
  const handle = await begin(file, next);
  try {
    const after = change(await readProfiles(target));
    if (after.all.size > MOST_PROFILES) throw new Error(`more than ${MOST_PROFILES} profiles are not kept`);
    await handle.writeFile(formatProfiles(after));
    await handle.sync();
    await handle.close();
    await rename(next, target);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(next, { force: true });
    throw unwritable(file, error);
  }
}

async function begin(file: string, next: string) {
  try {
    await mkdir(path.dirname(next), { recursive: true, mode: 0o700 });
    return await open(next, 'wx', 0o600);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw unwritable(file, error);
    throw new CliError({
      code: 'PROFILES_BUSY',
      message: `another command is changing the profiles: there is ${next}`,
      retryable: true,
      hint: `Run it again. If no other command is running, remove ${next}.`,
      exit: EXIT.conflict,
    });
  }
}

function unwritable(file: string, error: unknown): CliError {
  if (error instanceof CliError) return error;
  const hint = 'Check the folder, or name another file with REEVE_CONFIG.';
  return trouble(
    'PROFILES_UNWRITABLE',
    `the profiles in ${file} cannot be changed`,
    error,
    hint,
    EXIT.failure,
  );
}

function trouble(
  code: string,
  what: string,
  error: unknown,
  hint: string,
  exit: ExitCode = EXIT.usage,
): CliError {
  const why = error instanceof Error ? error.message : String(error);
  return new CliError({ code, message: `${what}: ${why}`, retryable: false, hint, exit });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
