import { afterChoice } from '../domain/routing/choice.js';
import { type NextBidder, type Route, standingOf } from '../domain/routing/route.js';
import { signatureOf } from '../domain/tasks/requirements.js';
import type { Task } from '../domain/tasks/task.js';
import type { Award } from '../ports/auction-record.js';
import type { OrgSnapshot } from '../ports/org-rules.js';
import type { CandidateSurvey, ReadyTask } from '../ports/ready-index.js';
import type { RouteRequest, SkipRequest } from '../ports/task-record.js';
import { askPlans, type PlanQuestion } from './ask-plans.js';
import { routeAuctions } from './auctions/route-auctions.js';
import type { ChoiceReply } from './choice-reply.js';
import { eligibleCandidates } from './eligible-candidates.js';
import { placeTasks } from './place-tasks.js';
import type { Ports } from './ports.js';
import { skipTasks } from './skip-tasks.js';

/** A task whose agent is to be chosen. */
export interface Planned {
  readonly task: ReadyTask;
  /** Why nobody was chosen before, if the trail says so already. */
  readonly told: string;
}

export type PlanResult =
  /** It goes its way: to who was chosen, to anybody, or nowhere. */
  | { readonly kind: 'DONE' }
  /** Nobody is there who may get it. */
  | { readonly kind: 'NO_CANDIDATE' }
  /** Nobody was chosen, and it does not go to others; it is to be asked again. */
  | { readonly kind: 'UNDECIDED'; readonly reason: string }
  /** It has changed meanwhile. */
  | { readonly kind: 'CHANGED' }
  /** There is nothing to be chosen for it any more. */
  | { readonly kind: 'GONE' };

interface Asked extends PlanQuestion {
  readonly route: Route;
  /** Who had it last. `null`: nobody did. */
  readonly lastAgentId: string | null;
  /** Of the list that was given. */
  readonly at: number;
}

/**
 * Asks the plan policies of an organisation which agents get its tasks, or holds auctions, and writes down what comes of
 * it. Nobody is asked of a task that nobody may get as things are. One result a task, in order.
 *
 * @param addressed tasks that wait for the agents that were chosen, by the agent
 * @throws UNAVAILABLE if the rules, the index or the record cannot be reached; then it may be called again
 */
export const planRoutes =
  (ports: Ports) =>
  async (
    org: string,
    planned: readonly Planned[],
    addressed: ReadonlyMap<string, number> = NOBODY,
  ): Promise<readonly PlanResult[]> => {
    const snapshot = await ports.orgRules.of(org);
    const { resolutionStartLimitMs, planMaxCandidates } = snapshot.config;
    const results: PlanResult[] = planned.map(() => ({ kind: 'NO_CANDIDATE' }));
    const questions = await questionsOf(ports, { org, planned, max: planMaxCandidates }, results);
    const replies = await choose(ports, snapshot, questions, addressed);

    const routes: Routed[] = [];
    const skips: { readonly at: number; readonly request: SkipRequest }[] = [];
    const awards: Award[] = [];
    const now = ports.clock.now();
    for (const [i, reply] of replies.entries()) {
      const { choice, reason, decision, onError, next: followers, auction } = reply;
      const { at, task, route } = questions[i] as Asked;
      const key = { org, taskId: task.taskId, seq: task.seq, decision, auction };
      const next = afterChoice(choice, onError, route.fallback);
      if (next.kind === 'SKIP') {
        skips.push({ at, request: { ...key, reason: `${reason}: ${next.message}` } });
        continue;
      }
      const waits = next.kind === 'WAIT';
      results[at] = { kind: 'UNDECIDED', reason };
      // What the trail says already is not said at every try.
      if (waits && planned[at]?.told === reason) continue;
      const until = now + (reply.waitsMs ?? resolutionStartLimitMs);
      const chosen =
        next.kind === 'ADDRESS' ? { agentId: next.agentId, until } : { agentId: null, until: null };
      const to =
        next.kind === 'SHARE' ? null : { ...withNext(route, followers), epoch: task.epoch, ...chosen };
      routes.push({ at, request: { ...key, route: to, reason }, waits, award: reply.award });
    }

    const routed = routes.length > 0 ? await ports.record.routeTasks(routes.map((one) => one.request)) : [];
    for (const [i, { at, waits, award }] of routes.entries()) {
      const kind = routed[i]?.kind;
      if (kind === 'OK' && award) awards.push(award);
      if (kind === 'OK' && waits) continue;
      results[at] = { kind: kind === 'OK' ? 'DONE' : kind === 'CHANGED_SINCE' ? 'CHANGED' : 'GONE' };
    }
    await ports.auctions.putAwards(awards);
    await placeTasks(
      ports,
      routed.flatMap((outcome) => (outcome.kind === 'OK' ? [outcome] : [])),
    );
    const skipped = await skipTasks(
      ports,
      skips.map(({ request }) => request),
    );
    for (const [i, { at }] of skips.entries()) {
      results[at] = { kind: skipped[i]?.kind === 'CHANGED_SINCE' ? 'CHANGED' : 'DONE' };
    }
    return results;
  };

interface Routed {
  readonly at: number;
  readonly request: RouteRequest;
  readonly waits: boolean;
  readonly award: Award | null;
}

const NOBODY: ReadonlyMap<string, number> = new Map();

/** In the order of the questions. */
async function choose(
  ports: Ports,
  snapshot: OrgSnapshot,
  questions: readonly Asked[],
  addressed: ReadonlyMap<string, number>,
): Promise<readonly ChoiceReply[]> {
  const isAuctioned = ({ route }: Asked) => route.by === 'AUCTION';
  const [plans, auctions] = await Promise.all([
    askPlans(
      ports,
      snapshot,
      questions.filter((question) => !isAuctioned(question)),
    ),
    routeAuctions(ports, snapshot, questions.filter(isAuctioned), addressed),
  ]);
  const replies = { plans: plans.values(), auctions: auctions.values() };
  return questions.map((question) => {
    const { value } = (isAuctioned(question) ? replies.auctions : replies.plans).next();
    return value as ChoiceReply;
  });
}

function withNext({ next: _, ...route }: Route, next: readonly NextBidder[]): Route {
  return next.length > 0 ? { ...route, next } : route;
}

/** The tasks that are still to be asked of, with their candidates; of the others `results` says why not. */
async function questionsOf(
  ports: Ports,
  { org, planned, max }: { readonly org: string; readonly planned: readonly Planned[]; readonly max: number },
  results: PlanResult[],
): Promise<readonly Asked[]> {
  const surveys = new Map<string, Promise<CandidateSurvey>>();
  const survey = ({ kind, requirements }: Pick<ReadyTask, 'kind' | 'requirements'>) => {
    const key = `${kind} ${signatureOf(requirements)}`;
    const known = surveys.get(key) ?? eligibleCandidates(ports, { org, kind, requirements, max });
    surveys.set(key, known);
    return known;
  };
  const found = await Promise.all(planned.map(({ task }) => survey(task)));
  const served = planned.flatMap(({ task }, at) =>
    found[at]?.agents.length ? [{ at, id: task.taskId }] : [],
  );
  if (served.length === 0) return [];
  const tasks = await ports.record.getTasks(
    org,
    served.map(({ id }) => id),
    'FULL',
  );
  const questions: Asked[] = [];
  for (const [i, { at }] of served.entries()) {
    const task = tasks[i] ?? null;
    const route = task && openRoute(task);
    if (!task || !route) {
      results[at] = { kind: 'GONE' };
      continue;
    }
    const candidates = await survey(task.spec);
    if (candidates.agents.length > 0)
      questions.push({
        at,
        task,
        route,
        survey: candidates,
        lastAgentId: planned[at]?.task.lastAgentId ?? null,
      });
  }
  return questions;
}

function openRoute({ state, epoch, spec }: Task): Route | null {
  const { route } = spec.requirements;
  return state === 'QUEUED' && route && standingOf(route, epoch).kind === 'TO_CHOOSE' ? route : null;
}
