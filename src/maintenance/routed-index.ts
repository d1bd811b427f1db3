import { standingOf } from '../domain/routing/route.js';
import type { Clock } from '../ports/clock.js';
import type { ReadyIndex, ReadyTask, Waiting } from '../ports/ready-index.js';
import { RouteBook } from './route-book.js';
import { withToChoose } from './routed-sizes.js';

/** Agents that are counted to say why a task waits. */
const MOST_COUNTED = 1_000;

/**
 * The index behind the routes of tasks: one that is addressed is in its agent's own lane, one whose
 * agent is still to be chosen in none, but in the book, from which the router takes it.
 */
export function createRoutedIndex(inner: ReadyIndex, book: RouteBook): ReadyIndex {
  return {
    async add(tasks, cause) {
      if (!tasks.some(({ requirements }) => requirements.route !== null)) {
        if (book.size > 0) for (const task of tasks) book.put(task);
        return inner.add(tasks, cause);
      }
      for (const task of tasks) book.put(task);
      const toChoose = tasks.filter((task) => laneTask(task) === null);
      // It may be in the lane of the agent that was chosen before.
      await inner.remove(toChoose);
      await inner.add(
        tasks.flatMap((task) => laneTask(task) ?? []),
        cause,
      );
    },
    async remove(tasks) {
      for (const task of tasks) book.forget(task);
      await inner.remove(tasks);
    },
    async delay(tasks) {
      for (const task of tasks) book.forget(task);
      await inner.delay(tasks);
    },
    async reserveNew(tasks) {
      if (tasks.every(({ requirements }) => requirements.route === null)) return inner.reserveNew(tasks);
      const lanes = tasks.map(laneTask);
      const reservations = (await inner.reserveNew(lanes.flatMap((task) => task ?? []))).values();
      return lanes.map((task) => (task ? (reservations.next().value ?? null) : null));
    },
    async confirm(confirmations) {
      if (book.size > 0) {
        for (const { reservation, seq } of confirmations) {
          book.forget({ org: reservation.org, taskId: reservation.taskId, seq });
        }
      }
      await inner.confirm(confirmations);
    },
    async putInstance(instance) {
      await inner.putInstance(instance);
      book.agentsChanged(instance.org);
    },
    async setEligibility(org, agentId, health, intent) {
      await inner.setEligibility(org, agentId, health, intent);
      book.agentsChanged(org);
    },
    async whyWaiting(task) {
      const held = book.get(task);
      if (!held) return inner.whyWaiting(task);
      const { org, kind, requirements } = held.task;
      const survey = await inner.candidates({ org, kind, requirements, max: MOST_COUNTED });
      return whyToChoose(survey);
    },
    async stats() {
      return withToChoose.stats(await inner.stats(), book);
    },
    async queueSizes(org, part, headStarts, standBack) {
      const sizes = await inner.queueSizes(org, part, headStarts, standBack);
      return withToChoose.sizes(sizes, book, { org, part, headStarts, standBack });
    },
    onUnready: (listener) => inner.onUnready(listener),
    setRunning: (org, running, starts) => inner.setRunning(org, running, starts),
    takeVictims: (org, query) => inner.takeVictims(org, query),
    refuseVictims: (org, victims) => inner.refuseVictims(org, victims),
    place: (task) => inner.place(task),
    nextWaiting: (max) => inner.nextWaiting(max),
    nextDelayed: (max) => inner.nextDelayed(max),
    takeDue: (max) => inner.takeDue(max),
    hold: (org, part, name) => inner.hold(org, part, name),
    unhold: (org, name) => inner.unhold(org, name),
    dropInstance: (sessionId) => inner.dropInstance(sessionId),
    grant: (sessionId, grantedTotal, requestId) => inner.grant(sessionId, grantedTotal, requestId),
    withdraw: (sessionId) => inner.withdraw(sessionId),
    reportLoad: (org, agentId, load) => inner.reportLoad(org, agentId, load),
    reserve: (max) => inner.reserve(max),
    release: (releases) => inner.release(releases),
    recordAttempts: (ends) => inner.recordAttempts(ends),
    freeSlots: (claims, sessionId) => inner.freeSlots(claims, sessionId),
    hintLeases: (hints, cause) => inner.hintLeases(hints, cause),
    nextInFlight: (max) => inner.nextInFlight(max),
    dropHints: (claims) => inner.dropHints(claims),
    takeDueHints: (max) => inner.takeDueHints(max),
    candidates: (query) => inner.candidates(query),
    onReady: (listener) => inner.onReady(listener),
    peekQueue: (org, part, max) => inner.peekQueue(org, part, max),
  };
}

/** What an index is part of, with that index behind the routes. */
export function behindRoutes<Parts extends { readonly index: ReadyIndex }>(
  parts: Parts,
  clock: Pick<Clock, 'monotonic'>,
): Parts & { readonly routes: RouteBook } {
  const routes = new RouteBook(clock);
  return { ...parts, routes, index: createRoutedIndex(parts.index, routes) };
}

/** A task as the lanes have it, which know of no routes; `null`: its agent is to be chosen first. */
function laneTask(task: ReadyTask): ReadyTask | null {
  const { requirements, epoch = 0 } = task;
  const { route } = requirements;
  if (route === null) return task;
  const standing = standingOf(route, epoch);
  if (standing.kind === 'TO_CHOOSE') return null;
  const agentId = standing.kind === 'ADDRESSED' ? standing.agentId : requirements.agentId;
  return { ...task, requirements: { ...requirements, agentId, route: null } };
}

type Survey = Awaited<ReturnType<ReadyIndex['candidates']>>;

function whyToChoose({ agents, connected, eligible }: Survey): Waiting {
  const counts = { connected, eligible, full: 0, against: [] };
  if (connected === 0) return { why: 'NO_AGENT', ...counts };
  if (eligible > 0) return { why: 'TO_CHOOSE', ...counts };
  const against = new Map<Waiting['against'][number]['what'], number>();
  for (const { against: all } of agents) {
    const [what] = all;
    if (what) against.set(what, (against.get(what) ?? 0) + 1);
  }
  const most = [...against].map(([what, count]) => ({ what, count })).sort((a, b) => b.count - a.count);
  return { why: 'NO_ELIGIBLE_AGENT', ...counts, against: most };
}
