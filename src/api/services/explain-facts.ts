import { ineligibilities } from '../../domain/agents/eligibility.js';
import type { AgentFacts, Facts, PartHold } from '../../domain/explain/facts.js';
import type { LanePlace } from '../../domain/explain/lane-place.js';
import type { Decision } from '../../domain/policies/decision.js';
import { greatestHeadStart } from '../../domain/policies/head-start.js';
import { type Standing, standingOf } from '../../domain/routing/route.js';
import type { Approval } from '../../domain/tasks/admission.js';
import type { Requirements } from '../../domain/tasks/requirements.js';
import type { Task, TaskEvent } from '../../domain/tasks/task.js';
import { EVERY_TASK, type TaskFilter } from '../../domain/tasks/task-filter.js';
import { isTerminal } from '../../domain/tasks/task-state.js';
import { type HeadStarts, TIERS } from '../../domain/tasks/tier.js';
import type { AgentView } from '../../ports/fleet.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { PlanTries } from '../../ports/plan-tries.js';
import type { QueueRecord } from '../../ports/queue-record.js';
import { standBack } from '../../usecases/admission/stand-back.js';
import { operationOf } from '../../usecases/operations.js';
import { pauseName } from '../../usecases/pause-queue.js';
import type { Ports } from '../../usecases/ports.js';

/** What is read of. */
type Read = {
  readonly queues: Pick<QueueRecord, 'listPauses'>;
  readonly planTries: PlanTries;
} & Pick<
  Ports,
  'record' | 'index' | 'clock' | 'orgRules' | 'rules' | 'fleet' | 'specs' | 'pools' | 'durations'
>;

/** Agents that are looked at. */
const MAX_AGENTS = 10_000;
/** Of the trail: its first entries, and its last. */
const FIRST_EVENTS = 10;
const LAST_EVENTS = 200;
/** Tasks that wait for their time, of those that may come before. */
const MAX_DELAYED = 500;

/** Reads all that is known of a task and of those who may get it. */
export async function readFacts(ports: Read, task: Task, maxCandidates: number): Promise<Facts> {
  const { index, clock, orgRules, rules, durations } = ports;
  const { org, state } = task;
  const snapshot = await orgRules.of(org);
  const { config } = snapshot;
  const standing = standingOf(task.spec.requirements.route, task.epoch);
  const requirements = addressed(task.spec.requirements, standing);
  const isOver = isTerminal(state);
  const [events, upstreams, approval, place, survey, missingPlan] = await Promise.all([
    trailOf(ports, task),
    upstreamsOf(ports, task),
    state === 'AWAITING_APPROVAL' ? approvalOf(ports, task) : null,
    state === 'QUEUED' ? index.place(task) : null,
    isOver ? null : index.candidates({ org, kind: task.spec.kind, requirements, max: MAX_AGENTS }),
    state === 'QUEUED' && standing.kind === 'TO_CHOOSE' ? missingPlanOf(ports, task, snapshot) : null,
  ]);
  const delayed = place && waits(place) ? await delayedOf(ports, org) : [];
  const headStarts = { ...rules.headStarts, ...config.headStarts };
  const back = standBack(ports, snapshot)({ kind: task.spec.kind, tier: task.tier });
  const minHealth = survey?.minHealth ?? 0;
  const connected = new Set(survey?.agents.map(({ spec }) => spec.agentId));
  const isAway = ({ entry }: AgentView) =>
    !connected.has(entry.spec.agentId) && entry.deregisterTime === null;
  const away = isOver || connected.size >= MAX_AGENTS ? [] : ports.fleet.list(org, '', maxCandidates, isAway);
  return {
    task: { ...task, spec: { ...task.spec, requirements } },
    standing,
    events,
    decisions: decisionsOf(events),
    approval,
    missingPlan,
    planTries: planTriesOf(ports, task),
    directory: isOver ? null : directoryProblem(ports, task, snapshot),
    upstreams,
    place,
    holds: place ? await holdsOf(ports, org, place) : [],
    delayed,
    agents: [...(survey?.agents ?? []), ...away.map((view) => notConnected(view, requirements, minHealth))],
    connected: survey?.connected ?? 0,
    minHealth,
    headStarts,
    greatestHeadStartMs: greatestHeadStart(rules.headStarts, config),
    expectedMs: durations.of(org, task.spec.kind),
    durationTermMs: back,
    overtaking: place ? await overtaking(ports, task, place.score, headStarts) : 0,
    maxCandidates,
    now: clock.now(),
  };
}

/** Whether time alone may bring the task to an agent. */
function waits({ avoid, heldUntil }: LanePlace): boolean {
  return avoid !== null || heldUntil.size > 0;
}

/** What the record says of the holds that the index names. */
async function holdsOf({ queues }: Read, org: string, { holds }: LanePlace): Promise<readonly PartHold[]> {
  const pauses = holds.length > 0 ? await queues.listPauses(org) : [];
  return holds.map(({ name, part }): PartHold => {
    const pause = pauses.find((one) => pauseName(one.part) === name);
    if (pause) {
      const { actor, reason, pauseTime: time } = pause;
      return { part, by: { kind: 'PAUSE', actor, reason, time } };
    }
    const operationId = operationOf(name);
    return { part, by: operationId === null ? null : { kind: 'CLEARING', operationId } };
  });
}

/** What comes of itself: tasks that wait for their time, newest first. */
async function delayedOf({ record }: Read, org: string): Promise<readonly Task[]> {
  const filter: TaskFilter = { ...EVERY_TASK, states: ['SCHEDULED'] };
  const page = await record.listTasks({ org, filter, view: 'BASIC', limit: MAX_DELAYED, beforeId: null });
  return page.tasks;
}

/** Where a route names an agent, that one is required as long as the route stands. */
function addressed(requirements: Requirements, standing: Standing): Requirements {
  return standing.kind === 'ADDRESSED' ? { ...requirements, agentId: standing.agentId } : requirements;
}

async function trailOf({ record }: Read, { org, taskId, seq }: Task): Promise<readonly TaskEvent[]> {
  const first = await record.listTaskEvents(org, taskId, 0, FIRST_EVENTS);
  const after = Math.max(first.at(-1)?.seq ?? 0, seq - LAST_EVENTS);
  return [...first, ...(await record.listTaskEvents(org, taskId, after, LAST_EVENTS))];
}

/** What the trail keeps of policies: with the submission and each update, with each route, and with the end by one. */
function decisionsOf(events: readonly TaskEvent[]): readonly Decision[] {
  return events.flatMap(({ type, detail: { decisions, decision } }) => {
    if (type === 'SUBMITTED' || type === 'UPDATED')
      return (decisions as readonly Decision[] | undefined) ?? [];
    return (type === 'ROUTED' || type === 'SKIPPED') && decision ? [decision as Decision] : [];
  });
}

async function upstreamsOf({ record }: Read, { org, state, spec }: Task): Promise<Facts['upstreams']> {
  if (state !== 'BLOCKED' && state !== 'AWAITING_APPROVAL') return [];
  const ids = spec.dependencies.map(({ taskId }) => taskId);
  const states = await record.getTaskStates(org, ids);
  return spec.dependencies.flatMap(({ taskId, runAnyway }, i) => {
    const its = states[i];
    if (!its || its === 'SUCCEEDED' || (runAnyway && isTerminal(its))) return [];
    return [{ taskId, state: its }];
  });
}

async function approvalOf({ record }: Read, { org, taskId }: Task): Promise<Approval | null> {
  const [open] = await record.listApprovals({ org, all: false, after: null, limit: 1, taskId });
  return open ?? null;
}

function directoryProblem({ pools }: Read, { org, spec }: Task, { config }: OrgSnapshot) {
  const { pool } = spec.requirements;
  const problem = pool === null ? null : pools.problem(org, pool);
  if (problem === null) return null;
  const address = config.roleDirectory === 'REMOTE' ? (config.roleDirectoryAddress ?? '') : '';
  return { address, problem };
}

function planTriesOf({ planTries, clock }: Read, task: Task): Facts['planTries'] {
  const known = planTries.triesOf(task);
  return known && { count: known.tries, nextTime: clock.now() + known.againInMs };
}

/** See `missingPlan` of the facts. */
async function missingPlanOf(
  { record, specs }: Read,
  task: Task,
  rules: OrgSnapshot,
): Promise<string | null> {
  const { route } = task.spec.requirements;
  if (route?.by !== 'PLAN_RETRIEVE' || route.fallback) return null;
  const [full] = await record.getTasks(task.org, [task.taskId], 'FULL');
  if (!full) return null;
  const own = specs.termsOf(full.spec.body).policies.planRetrieve;
  const policyId = own ?? rules.config.planRetrievePolicy ?? '';
  return rules.policies.get(policyId)?.kind === 'PLAN_RETRIEVE' ? null : policyId;
}

function notConnected(
  { entry: { spec, intent }, healthScore }: AgentView,
  requirements: Requirements,
  minHealth: number,
): AgentFacts {
  const condition = { health: healthScore, intent };
  // Of somebody who is away that goes without saying.
  const anyHealth = { ...requirements, minHealth: 0, pool: null };
  const against = ineligibilities(spec, condition, anyHealth, minHealth);
  return { spec, condition, against, instances: 0, slots: 0, inFlight: 0, credit: 0 };
}

/** Tasks a ms that come now and are more urgent; those of its own tier that take less time are not among them. */
async function overtaking(
  { index }: Read,
  { org, tier, runnableTime }: Task,
  score: number,
  headStarts: HeadStarts,
): Promise<number> {
  const own = Math.max(headStarts[tier], runnableTime === null ? 0 : runnableTime - score);
  const isAhead = (other: (typeof TIERS)[number]) => headStarts[other] > own;
  if (!TIERS.some(isAhead)) return 0;
  const { tiers } = await index.queueSizes(org, { tier: null, kind: null }, headStarts);
  const ahead = tiers.filter((size) => isAhead(size.tier));
  return ahead.reduce((sum, { rates }) => sum + rates.entered, 0) / 1_000;
}
