import { isTerminal } from '../domain/tasks/task-state.js';
import type { TaskKey } from '../ports/ready-index.js';
import type { Moved } from '../ports/task-record.js';
import { placeTasks } from './place-tasks.js';
import type { Ports } from './ports.js';
import { watchDeadlines } from './watch-deadlines.js';

/** Upstreams whose dependents are moved by one statement. */
const STEP = 500;
/** How long a step that failed waits before it is tried again, in ms. */
const AGAIN_MS = 1_000;

/**
 * Brings index and watchers up to tasks that were moved on because what they depend on was, and
 * goes on from there along chains: who was skipped or blocked has dependents of its own. The
 * first step is done when it returns; the others follow, and are tried until they succeed.
 */
export async function moveDependents(ports: Ports, moved: readonly Moved[]): Promise<void> {
  if (moved.length === 0) return;
  await placeTasks(ports, moved);
  const changes = moved.map(({ change }) => change);
  const ended = changes.filter(({ state }) => isTerminal(state));
  followChains(
    ports,
    ended,
    changes.filter(({ state }) => state === 'BLOCKED'),
  );
}

/**
 * Goes on in the background from tasks that have ended, and from such that are BLOCKED again: what
 * these wait for may have ended while they had, and a crash may have kept it from them.
 */
export function followChains(ports: Ports, ended: readonly TaskKey[], blocked: readonly TaskKey[]): void {
  if (ended.length + blocked.length > 0) void follow(ports, ended, blocked);
}

/** Settles what BLOCKED tasks wait for. */
export async function mendBlocked(ports: Ports, blocked: readonly TaskKey[]): Promise<void> {
  if (blocked.length === 0) return;
  await settleEdges(ports, await ports.record.listOpenUpstreams(blocked));
}

/** Moves the dependents of `upstreams` by how these are now. */
export async function settleEdges(ports: Ports, upstreams: readonly TaskKey[]): Promise<void> {
  for (let from = 0; from < upstreams.length; from += STEP) {
    const moved = await ports.record.settleEdges(upstreams.slice(from, from + STEP));
    await moveDependents(ports, moved.flat());
  }
}

async function follow(ports: Ports, ended: readonly TaskKey[], blocked: readonly TaskKey[]): Promise<void> {
  try {
    // Who waits for them has to be BLOCKED before they have run, so nothing comes before that.
    await settleEdges(ports, [...ended, ...blocked]);
    await mendBlocked(ports, blocked);
    await watchDeadlines(ports, blocked);
  } catch (error) {
    ports.log.warn(
      { err: error, tasks: ended.length + blocked.length },
      'dependents were not moved on; it is tried again',
    );
    ports.clock.after(AGAIN_MS, () => void follow(ports, ended, blocked));
  }
}
