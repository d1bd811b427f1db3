import { afterChoice, reasonOf } from '../domain/routing/choice.js';
import { type Route, standingOf } from '../domain/routing/route.js';
import { signatureOf } from '../domain/tasks/requirements.js';
import type { Task } from '../domain/tasks/task.js';
import type { CandidateSurvey, ReadyTask } from '../ports/ready-index.js';
import type { RouteRequest, SkipRequest } from '../ports/task-record.js';
import { askPlans, type PlanQuestion } from './ask-plans.js';
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
  /** Of the list that was given. */
  readonly at: number;
}

/**
 * Asks the plan policies of an organisation which agents get its tasks, and writes down what they say. Nobody
 * is asked of a task that nobody may get as things are. One result a task, in order.
 *
 * @throws UNAVAILABLE if the rules, the index or the record cannot be reached; then it may be called again
 */
export const planRoutes =
  (ports: Ports) =>
  async (org: string, planned: readonly Planned[]): Promise<readonly PlanResult[]> => {
    const snapshot = await ports.orgRules.of(org);
    const { resolutionStartLimitMs, planMaxCandidates } = snapshot.config;
    const results: PlanResult[] = planned.map(() => ({ kind: 'NO_CANDIDATE' }));
    const questions = await questionsOf(ports, { org, planned, max: planMaxCandidates }, results);
    const replies = await askPlans(ports, snapshot, questions);

    const routes: { readonly at: number; readonly request: RouteRequest; readonly waits: boolean }[] = [];
    const skips: { readonly at: number; readonly request: SkipRequest }[] = [];
    const until = ports.clock.now() + resolutionStartLimitMs;
    for (const [i, { choice, decision, onError }] of replies.entries()) {
      const { at, task, route } = questions[i] as Asked;
      const key = { org, taskId: task.taskId, seq: task.seq, decision };
      const next = afterChoice(choice, onError, route.fallback);
      const reason = reasonOf(choice);
      if (next.kind === 'SKIP') {
        skips.push({ at, request: { ...key, reason: `${reason}: ${next.message}` } });
        continue;
      }
      const waits = next.kind === 'WAIT';
      results[at] = { kind: 'UNDECIDED', reason };
      // What the trail says already is not said at every try.
      if (waits && planned[at]?.told === reason) continue;
      const chosen =
        next.kind === 'ADDRESS' ? { agentId: next.agentId, until } : { agentId: null, until: null };
      const to = next.kind === 'SHARE' ? null : { ...route, epoch: task.epoch, ...chosen };
      routes.push({ at, request: { ...key, route: to, reason }, waits });
    }

    const routed = routes.length > 0 ? await ports.record.routeTasks(routes.map((one) => one.request)) : [];
    for (const [i, { at, waits }] of routes.entries()) {
      const kind = routed[i]?.kind;
      if (kind === 'OK' && waits) continue;
      results[at] = { kind: kind === 'OK' ? 'DONE' : kind === 'CHANGED_SINCE' ? 'CHANGED' : 'GONE' };
    }
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
    if (candidates.agents.length > 0) questions.push({ at, task, route, survey: candidates });
  }
  return questions;
}

function openRoute({ state, epoch, spec }: Task): Route | null {
  const { route } = spec.requirements;
  return state === 'QUEUED' && route && standingOf(route, epoch).kind === 'TO_CHOOSE' ? route : null;
}
