import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ReeveError } from '../../domain/errors.js';
import { askOwner, listenAsOwner, type OwnerAnswer, type OwnerSocket } from './owner-socket.js';

/** The sole right to a data folder, held until `release` or the end of the process. */
export interface FolderOwner {
  /** Tells those who ask where this process serves. */
  announce(address: string): void;
  release(): Promise<void>;
}

/**
 * Claims the folder. A process owns it as long as it listens on a socket inside it: the
 * kernel ends that with the process, however it ends.
 *
 * `owner/` holds the claims, links named 1, 2, 3 … to the sockets of those who made them.
 * - A claim is made by creating its link, which only one process can, to a socket that
 *   already listens.
 * - Claim n + 1 is made only by one who found that nobody listens behind claim n, the highest.
 * - The highest claim is never removed, only the ones below it, so numbers don't come back.
 * So at most one listens behind the highest claim and has seen that it is the highest: the
 * owner. One who was overtaken between reading the folder and making its claim sees a higher
 * one and gives way. `owner.sock` is a link to the owner's socket, for people and tools.
 *
 * @throws ReeveError FAILED_PRECONDITION, DATA_FOLDER_IN_USE: another process owns it
 */
export async function ownFolder(dir: string): Promise<FolderOwner> {
  const claims = join(dir, 'owner');
  await mkdir(claims, { recursive: true, mode: 0o700 });
  for (;;) {
    const socketFile = join(claims, `${process.pid}-${randomBytes(4).toString('hex')}.sock`);
    const socket = await listenAsOwner(socketFile);
    try {
      const claim = await claimBehind(claims, socketFile);
      if (claim !== undefined) {
        await removeClaimsBelow(claims, claim);
        await pointAt(dir, socketFile);
        return owner(dir, socket);
      }
    } catch (error) {
      await socket.close();
      throw error;
    }
    // Overtaken: others may have removed the socket's file by now, so the next try has its own.
    await socket.close();
  }
}

/** The number of the claim that now is ours, or undefined if another one overtook it. */
async function claimBehind(claims: string, socketFile: string): Promise<number | undefined> {
  for (;;) {
    const highest = await highestClaim(claims);
    if (highest > 0) {
      const answer = await askOwner(join(claims, String(highest)));
      if (answer === 'unsure') continue;
      if (answer !== 'gone') throw inUse(claims, answer);
    }
    const mine = highest + 1;
    const path = join(claims, String(mine));
    if (!(await createLink(basename(socketFile), path))) continue;
    if ((await highestClaim(claims)) === mine) return mine;
    await rm(path, { force: true });
    return undefined;
  }
}

async function highestClaim(claims: string): Promise<number> {
  return Math.max(0, ...(await readClaims(claims)));
}

async function readClaims(claims: string): Promise<number[]> {
  return (await readdir(claims)).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** False if the path exists. */
async function createLink(target: string, path: string): Promise<boolean> {
  try {
    await symlink(target, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeClaimsBelow(claims: string, claim: number): Promise<void> {
  for (const number of await readClaims(claims)) {
    if (number >= claim) continue;
    const path = join(claims, String(number));
    const socketFile = await readlink(path).catch(() => undefined);
    if (socketFile) await rm(join(claims, basename(socketFile)), { force: true });
    await rm(path, { force: true });
  }
}

async function pointAt(dir: string, socketFile: string): Promise<void> {
  const link = `${socketFile}.link`;
  await symlink(join('owner', basename(socketFile)), link);
  await rename(link, join(dir, 'owner.sock'));
}

function owner(dir: string, socket: OwnerSocket): FolderOwner {
  let releasing: Promise<void> | undefined;
  return {
    announce: socket.announce,
    release() {
      // The link first, while it can't be anybody else's.
      releasing ??= rm(join(dir, 'owner.sock'), { force: true }).then(() => socket.close());
      return releasing;
    },
  };
}

function inUse(claims: string, answer: Exclude<OwnerAnswer, 'gone' | 'unsure'>): ReeveError {
  const dir = join(claims, '..');
  const fix = 'stop it, or give this one another folder with --data (REEVE_DATA)';
  if (answer === 'silent') {
    const message = `the data folder ${dir} is in use by a process that does not answer: ${fix}`;
    return new ReeveError('FAILED_PRECONDITION', 'DATA_FOLDER_IN_USE', message);
  }
  const { pid, address, startTime } = answer;
  const who = `process ${pid}${address && `, which serves on ${address}`}`;
  return new ReeveError(
    'FAILED_PRECONDITION',
    'DATA_FOLDER_IN_USE',
    `the data folder ${dir} is in use by ${who}: ${fix}`,
    { metadata: { pid: String(pid), address, start_time: startTime } },
  );
}
