import { byOrg } from '../domain/by-org.js';
import { signatureOf } from '../domain/tasks/requirements.js';
import { type PlanResult, planRoutes } from '../usecases/plan-routes.js';
import type { Ports } from '../usecases/ports.js';
import { type ReturnedRoute, returnRoutes } from '../usecases/return-routes.js';
import type { Addressed, RouteBook, ToChoose } from './route-book.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

const EVERY_MS = 1_000;
/** Tasks of an organisation that are asked of at once, and whose chosen agents are looked at at once. */
const AT_ONCE = 200;
const WATCHED_AT_ONCE = 1_000;
/** How long an agent may be away, between two streams, say, before it counts as gone. */
const GONE_AFTER_MS = 5_000;
/** How long to wait for a candidate of whom nothing was heard here. */
const LOOK_AGAIN_MS = 2_000;
/** After so many looks the record is asked whether a task still waits. */
const LOOKS_TO_VERIFY = 15;
/** Between two tries of a policy that chooses nobody: doubled each time, up to a bound. */
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;

/**
 * Chooses agents for the tasks of the book, and returns tasks to selection whose chosen agent is gone, or has
 * not begun in time. Every coordinator does so for the tasks that it was told of; of two that do it for the
 * same one the record lets one.
 */
export function createRouter(ports: Ports, book: RouteBook): Service {
  const { clock, log } = ports;
  const plan = planRoutes(ports);
  /** Organisations whose policies are being asked: a slow one keeps nobody else waiting. */
  const asking = new Map<string, Promise<void>>();

  async function tick(): Promise<boolean> {
    const due = dueOf(book, clock.monotonic(), asking);
    for (const [org, ofOrg] of due) {
      const asked = choose(org, ofOrg)
        .catch((error: unknown) => {
          log.warn({ err: error, org, tasks: ofOrg.length }, 'agents could not be chosen; it is tried again');
          for (const entry of ofOrg) entry.notBefore = clock.monotonic() + EVERY_MS;
        })
        .finally(() => {
          asking.delete(org);
          ticker.wake();
        });
      asking.set(org, asked);
    }
    await lookAfterChosen(ports, book);
    return false;
  }

  async function choose(org: string, entries: readonly ToChoose[]): Promise<void> {
    const began = clock.monotonic();
    const results = await plan(org, entries, book.addressedOf(org, entries));
    const verify: ToChoose[] = [];
    for (const [i, entry] of entries.entries()) {
      const result = results[i] as PlanResult;
      schedule(book, entry, result, { began, now: clock.monotonic() });
      if (result.kind === 'NO_CANDIDATE' && entry.looks % LOOKS_TO_VERIFY === 0) verify.push(entry);
    }
    if (verify.length === 0) return;
    const states = await ports.record.getTaskStates(
      org,
      verify.map(({ task }) => task.taskId),
    );
    for (const [i, { task }] of verify.entries()) if (states[i] !== 'QUEUED') book.forget(task);
  }

  const ticker = createTicker({ name: 'router', clock, log, everyMs: EVERY_MS, tick });
  book.onWork(() => ticker.wake());
  return {
    start: () => ticker.start(),
    async stop() {
      await ticker.stop();
      await Promise.all(asking.values());
    },
  };
}

/** The tasks to be looked at now, by organisation; of each at most so many. */
function dueOf(book: RouteBook, now: number, asking: ReadonlyMap<string, unknown>): Map<string, ToChoose[]> {
  const due = new Map<string, ToChoose[]>();
  for (const entry of book.toChoose.values()) {
    const { org } = entry.task;
    if (asking.has(org) || !isDue(book, entry, now)) continue;
    const ofOrg = due.get(org) ?? [];
    if (ofOrg.length < AT_ONCE) ofOrg.push(entry);
    due.set(org, ofOrg);
  }
  return due;
}

/** Another agent may be who was missing; but a policy that chose nobody is not asked more than once a second. */
function isDue(book: RouteBook, { notBefore, askedAt, tries, task }: ToChoose, now: number): boolean {
  if (now >= notBefore) return true;
  if (book.lastChange(task.org) <= askedAt) return false;
  return tries === 0 || now >= askedAt + EVERY_MS;
}

function schedule(
  book: RouteBook,
  asked: ToChoose,
  result: PlanResult,
  { began, now }: { readonly began: number; readonly now: number },
): void {
  if (result.kind === 'DONE') return;
  if (result.kind === 'GONE') {
    book.forget(asked.task);
    return;
  }
  // It may have been told again meanwhile.
  const entry = book.get(asked.task) ?? asked;
  entry.askedAt = began;
  if (result.kind === 'CHANGED') entry.notBefore = now + EVERY_MS;
  else if (result.kind === 'NO_CANDIDATE') {
    entry.looks = asked.looks += 1;
    entry.notBefore = now + LOOK_AGAIN_MS;
  } else {
    entry.tries += 1;
    entry.told = result.reason;
    entry.notBefore =
      now + Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(16, entry.tries - 1));
  }
}

/** Finds the chosen agents that are gone or have not begun in time, and returns their tasks. */
async function lookAfterChosen(ports: Ports, book: RouteBook): Promise<void> {
  const now = ports.clock.monotonic();
  const due: Addressed[] = [];
  for (const entry of book.addressed.values()) {
    if (due.length >= WATCHED_AT_ONCE) break;
    if (entry.notBefore <= now) due.push(entry);
  }
  if (due.length === 0) return;
  const isThere = presence(ports);
  const returned: ReturnedRoute[] = [];
  for (const entry of due) {
    entry.notBefore = now + EVERY_MS;
    const { task, agentId } = entry;
    const { org, taskId } = task;
    const there = await isThere(entry);
    entry.goneSince = there === 'AWAY' ? (entry.goneSince ?? now) : null;
    const gone = there === 'UNFIT' || (entry.goneSince !== null && now >= entry.goneSince + GONE_AFTER_MS);
    if (gone) returned.push({ org, taskId, agentId, cause: 'AGENT_GONE' });
    else if (isLate(ports, entry, now)) returned.push({ org, taskId, agentId, cause: 'NOT_STARTED' });
  }
  const versions = new Map(due.map(({ task }) => [`${task.org}/${task.taskId}`, task]));
  for (const [org, ofOrg] of byOrg(returned)) {
    for (const { taskId } of await returnRoutes(ports, org, ofOrg)) {
      const task = versions.get(`${org}/${taskId}`);
      if (task) book.forget(task);
    }
  }
}

function isLate({ clock, orgRules }: Ports, { until, since, task }: Addressed, now: number): boolean {
  if (until !== null) return clock.now() >= until;
  return now >= since + orgRules.known(task.org).config.resolutionStartLimitMs;
}

/** Whether a chosen agent is connected and may get the task; each is looked at once. */
function presence({ index }: Ports): (entry: Addressed) => Promise<'THERE' | 'AWAY' | 'UNFIT'> {
  const known = new Map<string, Promise<'THERE' | 'AWAY' | 'UNFIT'>>();
  const look = async ({ task: { org, kind, requirements }, agentId }: Addressed) => {
    const own = { ...requirements, agentId: null };
    const { agents } = await index.candidates({ org, kind, requirements: own, agentId, max: 1 });
    const [standing] = agents;
    if (!standing) return 'AWAY';
    return standing.against.length === 0 ? 'THERE' : 'UNFIT';
  };
  return (entry) => {
    const { task, agentId } = entry;
    const key = JSON.stringify([task.org, agentId, task.kind, signatureOf(task.requirements)]);
    const answer = known.get(key) ?? look(entry);
    known.set(key, answer);
    return answer;
  };
}
