import type { Ineligibility } from '../agents/eligibility.js';
import type { QueuePart } from '../queues/queue-part.js';
import type { Requirements } from '../tasks/requirements.js';
import type { Change } from './explanation.js';
import type { AgentFacts } from './facts.js';

/** Names of a list that are told; more are only hinted at. */
const MOST_NAMES = 5;

/** `a, b and 3 more`. @param total how many there are, if the list has only some */
export function names(list: readonly string[], most = MOST_NAMES, total = list.length): string {
  const shown = list.slice(0, most);
  const more = total - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  const last = shown.at(-1) ?? '';
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${last}` : last;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** A time as explanations have it: to the second, in UTC. */
export function at(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A figure as people read it. */
export function figure(n: number): string {
  return String(Number(n.toPrecision(4)));
}

export function partText({ tier, kind }: QueuePart): string {
  if (tier === null && kind === null) return 'the queue';
  return ['the queue of', tier, kind === null ? null : `kind ${kind}`]
    .filter((word) => word !== null)
    .join(' ');
}

/** What an agent has to be like, as a list of words. */
export function requirementsText(r: Requirements): string {
  const parts = [
    r.agentId === null ? '' : `the id ${r.agentId}`,
    r.agentType === null ? '' : `the type ${r.agentType}`,
    listed('the capability', 'the capabilities', r.capabilities),
    listed('the service', 'the services', r.services),
    listed('the tag', 'the tags', r.tags),
    r.region === null ? '' : `the region ${r.region}`,
    listed('the role', 'the roles', r.roles),
    r.pool !== null && r.roles.length === 0 ? 'a role that counts in its job space' : '',
  ];
  return names(
    parts.filter((part) => part !== ''),
    parts.length,
  );
}

function listed(one: string, many: string, list: readonly string[]): string {
  return list.length === 0 ? '' : `${list.length === 1 ? one : many} ${names(list)}`;
}

/** What stands against an agent, in words that follow its name. */
export function against(
  what: Ineligibility,
  { spec, condition }: AgentFacts,
  r: Requirements,
  minHealth: number,
): string {
  switch (what) {
    case 'INACTIVE':
      return 'is inactive';
    case 'DRAINING':
      return 'is draining';
    case 'OTHER_AGENT':
      return `is not ${r.agentId}`;
    case 'AGENT_TYPE':
      return `is of the type ${spec.agentType}, not ${r.agentType}`;
    case 'CAPABILITIES':
      return `lacks ${listed('the capability', 'the capabilities', lacking(spec.capabilities, r.capabilities))}`;
    case 'SERVICES':
      return `lacks ${listed('the service', 'the services', lacking(spec.services, r.services))}`;
    case 'TAGS':
      return `lacks ${listed('the tag', 'the tags', lacking(spec.tags, r.tags))}`;
    case 'REGION':
      return `is in ${spec.region === null ? 'no region' : `the region ${spec.region}`}, not in ${r.region}`;
    case 'POOL':
      return 'is not in the pool of candidates, by its roles';
    case 'HEALTH':
      return `has a health of ${figure(condition.health)}, below ${figure(r.minHealth ?? minHealth)}`;
  }
}

function lacking(offered: readonly string[], wanted: readonly string[]): readonly string[] {
  return wanted.filter((one) => !offered.includes(one));
}

/** A change in words that follow `once`. */
export function changeText(change: Change): string {
  switch (change.kind) {
    case 'ADD_AGENT': {
      const text = requirementsText(change.requirements);
      return text === '' ? 'an agent with room connects' : `an agent with room connects that has ${text}`;
    }
    case 'ACTIVATE_AGENT':
      return `agent ${change.agentId} is active again`;
    case 'HEAL_AGENT':
      return `agent ${change.agentId} is heard of regularly again`;
    case 'FREE_SLOT':
      return change.agentIds.length === 1
        ? `agent ${change.agentIds[0]} has room again`
        : `one of the agents ${names(change.agentIds)} has room again`;
    case 'RESUME_QUEUE':
      return change.operationId === undefined
        ? `${partText(change.part)} is resumed`
        : `operation ${change.operationId} has ended`;
    case 'APPROVE':
      return 'somebody approves it';
    case 'FINISH_TASKS':
      return change.count === 1
        ? `task ${change.taskIds[0]} ends well`
        : `these ${change.count} tasks end well`;
    case 'WAIT_UNTIL':
      return `it is ${at(change.time)}`;
    case 'AHEAD_LEAVE':
      return `${count(change.count, 'task')} that ${change.count === 1 ? 'goes' : 'go'} first ${change.count === 1 ? 'is' : 'are'} given out or cancelled`;
    case 'SET_POLICY':
      return change.policyId === ''
        ? 'plan_retrieve_policy is set to a policy that exists'
        : `there is a plan policy ${change.policyId}`;
    case 'DIRECTORY_ANSWERS':
      return change.address === ''
        ? 'the role directory answers again'
        : `the role directory at ${change.address} answers again`;
    case 'SET_LIMIT':
      return change.parameter === 'limits'
        ? `its limit ${change.key} is ${change.to}, or one that counts against it has ended`
        : `${change.parameter} is ${change.to}, or enough of what counts against it has ended`;
    case 'CHOOSE_AGENT':
      return 'its agent is chosen, which is being done';
  }
}
