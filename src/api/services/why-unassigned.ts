import type { Ineligibility } from '../../domain/agents/eligibility.js';
import { readPool } from '../../domain/directory/pool.js';
import { limitText } from '../../domain/explain/limits.js';
import type { Requirements } from '../../domain/tasks/requirements.js';
import type { Task } from '../../domain/tasks/task.js';
import type { Waiting } from '../../ports/ready-index.js';
import type { Ports } from '../../usecases/ports.js';

/** Names of a list that are told; more are only hinted at. */
const MOST_NAMES = 5;

/** For people: why nobody has the task, as far as that can be said at once. */
export async function whyUnassigned({ index }: Pick<Ports, 'index'>, task: Task): Promise<string> {
  const waiting = task.state === 'QUEUED' ? await index.whyWaiting(task) : null;
  const why = waiting ? sentence(waiting, task.spec.requirements) : otherwise(task);
  return `No agent could be assigned in time: ${why}.`;
}

function sentence(waiting: Waiting, requirements: Requirements): string {
  switch (waiting.why) {
    case 'PAUSED':
      return 'its queue is paused, or being cleared';
    case 'NO_AGENT':
      return 'no agent is connected';
    case 'NO_ELIGIBLE_AGENT':
      return nobodyMay(waiting, requirements);
    case 'ALL_BUSY':
      return nobodyTakesMore(waiting);
    case 'HELD_BACK':
      return 'those that could do it failed such tasks lately and are held back for a while';
    case 'LIMIT':
      return (waiting.limits ?? []).map(limitText).join('; ');
    case 'IN_TURN':
      return 'others go before it';
    case 'TO_CHOOSE':
      return 'a policy is still to choose its agent';
  }
}

/** `none of 3 connected may get it: 2 without the capabilities gpu, 1 draining` */
function nobodyMay({ connected, against }: Waiting, requirements: Requirements): string {
  const counted = against.reduce((sum, { count }) => sum + count, 0);
  const of = counted < connected ? `, of the first ${counted}` : '';
  const parts = against.map(({ what, count }) => `${count} ${described(what, requirements)}`);
  return `none of ${connected} connected may get it${of}: ${parts.join(', ')}`;
}

function described(what: Ineligibility, r: Requirements): string {
  switch (what) {
    case 'INACTIVE':
      return 'inactive';
    case 'DRAINING':
      return 'draining';
    case 'OTHER_AGENT':
      return `other than the agent ${r.agentId ?? r.route?.agentId}`;
    case 'AGENT_TYPE':
      return `not of the type ${r.agentType}`;
    case 'CAPABILITIES':
      return `without the capabilities ${names(r.capabilities)}`;
    case 'SERVICES':
      return `without the services ${names(r.services)}`;
    case 'TAGS':
      return `without the tags ${names(r.tags)}`;
    case 'REGION':
      return `not in the region ${r.region}`;
    case 'POOL':
      return `not in the pool of candidates${poolNames(r)}`;
    case 'HEALTH':
      return `below the health ${r.minHealth === null ? 'that tasks ask for' : `of ${r.minHealth}`}`;
  }
}

/** What makes the pool: ` (the roles reviewer, in the job space s1)`. */
function poolNames({ pool }: Requirements): string {
  if (pool === null) return '';
  const { jobSpaceId, roleIds, roleFilter } = readPool(pool);
  const parts = [
    ...(roleIds.length > 0 ? [`the roles ${names(roleIds)}`] : []),
    ...(roleFilter !== null ? ['a role that matches candidate_role_filter'] : []),
    ...(jobSpaceId !== '' ? [`in the job space ${jobSpaceId}`] : []),
  ];
  return ` (${parts.join(', ') || 'any role'})`;
}

function names(list: readonly string[]): string {
  const more = list.length - MOST_NAMES;
  return `${list.slice(0, MOST_NAMES).join(' and ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function nobodyTakesMore({ eligible, full }: Waiting): string {
  if (full === eligible) return `all ${eligible} that could do it are busy: no slot is free`;
  const busy = full > 0 ? ` (${full} have no free slot)` : '';
  return `none of ${eligible} that could do it asks for work at the moment${busy}`;
}

function otherwise({ state, runTime, pending }: Task): string {
  if (state === 'AWAITING_APPROVAL') return "it waits for a person's word";
  if (state === 'BLOCKED') return `it waits for ${pending} ${pending === 1 ? 'task' : 'tasks'}`;
  if (state === 'SCHEDULED' && runTime !== null) return `it waits until ${new Date(runTime).toISOString()}`;
  return state === 'QUEUED' ? 'one is being chosen' : `it is ${state}`;
}
