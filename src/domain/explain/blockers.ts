import { type Ineligibility, mainly } from '../agents/eligibility.js';
import { WITHOUT } from '../agents/ineligibility-words.js';
import type { Requirements } from '../tasks/requirements.js';
import { isTerminal } from '../tasks/task-state.js';
import { choosing } from './choosing.js';
import type { Blocker, Change, Effect } from './explanation.js';
import type { AgentFacts, DirectoryProblem, Facts, PartHold } from './facts.js';
import { fullLimit, turnText } from './limits.js';
import { type Way, wayToAgent } from './ways.js';
import { against, at, count, names, partText } from './words.js';

const STARTS: Effect = { kind: 'STARTS' };
const MOST_NAMED = 100;

/** What keeps a task from going on: none that is not needed; all changes together have the effect. */
export function blockersOf(facts: Facts): readonly Blocker[] {
  switch (facts.task.state) {
    case 'AWAITING_APPROVAL':
      return afterApproval(facts);
    case 'BLOCKED':
      return [...upstreams(facts), ...time(facts)];
    case 'SCHEDULED':
      return [...time(facts)];
    case 'QUEUED':
      return [...queued(facts)];
    default:
      return [];
  }
}

const QUEUED: Effect = { kind: 'STATE', state: 'QUEUED' };

function afterApproval(facts: Facts): readonly Blocker[] {
  const [broken] = facts.upstreams.filter(({ state }) => isTerminal(state));
  if (!broken) return [...approval(facts), ...upstreams(facts), ...time(facts)];
  const text = `Task ${broken.taskId}, which it depends on, is ${broken.state}: it will be skipped.`;
  return [...approval(facts)].map((one) => {
    return { ...one, text: `${one.text} ${text}`, effect: { kind: 'STATE', state: 'SKIPPED' } };
  });
}

function* approval({ approval: asked }: Facts): Generator<Blocker> {
  const why = asked?.reason ? `: ${asked.reason}` : '';
  const due = asked
    ? ` If nobody says anything until ${at(asked.dueTime)} it is ${asked.defaultVerdict === 'APPROVE' ? 'approved' : 'rejected'}.`
    : '';
  const text = `A person has to approve it${why}.${due}`;
  yield { text, change: { kind: 'APPROVE' }, effect: QUEUED };
}

function* upstreams({ upstreams: all }: Facts): Generator<Blocker> {
  const ids = all.filter(({ state }) => !isTerminal(state)).map(({ taskId }) => taskId);
  const n = ids.length;
  if (n === 0) return;
  const text = `It waits for ${count(n, 'task')}: ${names(ids, 3)}.`;
  const change = { kind: 'FINISH_TASKS', taskIds: ids.slice(0, MOST_NAMED), count: n } as const;
  yield { text, change, effect: QUEUED };
}

function* time({ task, events, now }: Facts): Generator<Blocker> {
  const due = task.runTime ?? task.spec.runAt;
  if (due === null || (task.state !== 'SCHEDULED' && due <= now)) return;
  const before = events.findLast(({ state, type }) => state === 'SCHEDULED' && type !== 'UPDATED');
  const isRetry = before !== undefined && task.runTime !== task.spec.runAt && before.epoch > 0;
  const text = isRetry
    ? `Its attempt ${before.attempt} ended (${before.type}${before.reason && before.reason !== before.type ? `: ${before.reason}` : ''}); the next begins not before ${at(due)}.`
    : `It is not to begin before ${at(due)}.`;
  yield { text, change: { kind: 'WAIT_UNTIL', time: due }, effect: QUEUED };
}

function* queued(all: Facts): Generator<Blocker> {
  const facts = withoutPool(all);
  const { standing, place, task } = facts;
  for (const hold of facts.holds) yield held(hold);
  const limits = place?.limits ?? [];
  for (const limit of limits) yield fullLimit(limit);
  if (facts.directory !== null) {
    yield directoryAway(facts.directory);
    // Somebody may get it as soon as the directory says so.
    if (facts.agents.some(mayGetIt)) return;
  }
  const way = wayToAgent(facts);
  if (facts.missingPlan !== null) yield noPlan(facts.missingPlan);
  else if (place === null && !way.change) {
    // With something else in the way the choice follows by itself.
    const text =
      standing.kind === 'TO_CHOOSE' ? choosing(facts) : 'It is on its way to an agent, or into its lane.';
    yield { text, change: { kind: 'CHOOSE_AGENT' }, effect: STARTS };
  }
  if (way.change) {
    yield { text: textOf(way.change, facts, task.spec.requirements), change: way.change, effect: STARTS };
  }
  const turn = place?.turn ? turnText(place.turn) : null;
  if (way.leave.count > 0) yield ahead(way, turn);
  if (place && place.holds.length + limits.length === 0 && !way.change && way.leave.count === 0) {
    yield {
      text: (place.turn && turnText(place.turn)) ?? 'It is its turn.',
      change: { kind: 'CHOOSE_AGENT' },
      effect: STARTS,
    };
  }
}

function held({ part, by }: PartHold): Blocker {
  const name = capital(partText(part));
  switch (by?.kind) {
    case 'PAUSE': {
      const who = by.actor === '' ? '' : ` by ${by.actor}`;
      const why = by.reason === '' ? '' : `: ${by.reason}`;
      const text = `${name} was paused${who} at ${at(by.time)}${why}.`;
      return { text, change: { kind: 'RESUME_QUEUE', part }, effect: STARTS };
    }
    case 'CLEARING': {
      const { operationId } = by;
      const text = `${name} is being cleared by operation ${operationId}, which cancels what was there before it.`;
      return { text, change: { kind: 'RESUME_QUEUE', part, operationId }, effect: STARTS };
    }
    default: {
      const text = `${name} is paused, or being cleared.`;
      return { text, change: { kind: 'RESUME_QUEUE', part }, effect: STARTS };
    }
  }
}

/** Of pools that nobody could read nothing stands against agents. */
function withoutPool(facts: Facts): Facts {
  if (facts.directory === null) return facts;
  const agents = facts.agents.map((agent) => {
    return { ...agent, against: agent.against.filter((what) => what !== 'POOL') };
  });
  return { ...facts, agents };
}

function directoryAway({ address, problem }: DirectoryProblem): Blocker {
  const text = `Nobody is known to be in its pool of candidates, as the role directory does not answer: ${problem}.`;
  return { text, change: { kind: 'DIRECTORY_ANSWERS', address }, effect: STARTS };
}

function mayGetIt({ against: all, instances }: AgentFacts): boolean {
  return all.length === 0 && instances > 0;
}

/** Without it the task waits for ever: no other way to an agent is open to it. */
function noPlan(policyId: string): Blocker {
  const missing = policyId === '' ? 'none is set' : `there is no plan policy ${policyId}`;
  const text = `A plan policy is to choose its agent, and ${missing}.`;
  return { text, change: { kind: 'SET_POLICY', policyKind: 'PLAN_RETRIEVE', policyId }, effect: STARTS };
}

function ahead({ change, leave }: Way, turn: string | null): Blocker {
  const { count: n, taskIds } = leave;
  const to = change?.kind === 'FREE_SLOT' ? ' to the same agents' : '';
  const first = `${count(n, 'task goes', 'tasks go')} first${to}: ${names(taskIds, 3, n)}.`;
  const text = turn === null ? first : `${first} ${turn}`;
  return { text, change: { kind: 'AHEAD_LEAVE', taskIds, count: n }, effect: STARTS };
}

function textOf(change: Change, facts: Facts, requirements: Requirements): string {
  const { agents, minHealth, place, connected } = facts;
  switch (change.kind) {
    case 'FREE_SLOT':
      return place?.victim ? `${noRoom(agents)} Task ${place.victim} is sent back for it.` : noRoom(agents);
    case 'WAIT_UNTIL': {
      const last = place?.avoid;
      if (last && last.until === change.time) {
        return `Agent ${last.agentId} had it last; another is to get it until ${at(change.time)}.`;
      }
      const held = [...(place?.heldUntil.keys() ?? [])];
      if (held.length === 0) return `Another agent than its last is to get it until ${at(change.time)}.`;
      return `Those that may get it failed such tasks lately, and are held back until ${at(change.time)}: ${names(held)}.`;
    }
    case 'HEAL_AGENT':
    case 'ACTIVATE_AGENT': {
      const { agentId } = change;
      const agent = agents.find(({ spec }) => spec.agentId === agentId);
      const [what] = agent?.against ?? [];
      const why = agent && what ? against(what, agent, requirements, minHealth) : 'is not to be had';
      return `${nobody(facts, connected)} Agent ${agentId} could do it, but ${why}.`;
    }
    default:
      return `${nobody(facts, connected)}${known(agents)}`;
  }
}

function noRoom(agents: readonly AgentFacts[]): string {
  const eligible = agents.filter(mayGetIt);
  const full = eligible.filter(({ inFlight, slots }) => inFlight >= slots).length;
  if (eligible.length === 1) {
    const id = eligible[0]?.spec.agentId;
    return `Only agent ${id} may get it, and ${full === 1 ? 'has no room' : 'asks for no work now'}.`;
  }
  if (full === eligible.length) return `All ${full} agents that may get it are busy.`;
  const busy = full > 0 ? `: ${full} ${full === 1 ? 'has' : 'have'} no room` : '';
  return `None of the ${eligible.length} agents that may get it asks for work now${busy}.`;
}

/** `None of the 7 connected agents may get it: 3 without its capabilities, 1 draining.` */
function nobody({ agents }: Facts, connected: number): string {
  if (connected === 0) return 'No agent is connected.';
  const counts = new Map<Ineligibility, number>();
  for (const agent of agents) {
    const what = agent.instances > 0 ? mainly(agent.against) : undefined;
    if (what) counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([what, n]) => `${n} ${WITHOUT[what]}`);
  return connected === 1
    ? `The only connected agent may not get it: it is ${parts.join('').replace(/^1 /, '')}.`
    : `None of the ${connected} connected agents may get it: ${names(parts, parts.length)}.`;
}

/** Of those that are only known. */
function known(agents: readonly AgentFacts[]): string {
  const away = agents.filter(({ instances, against: all }) => instances === 0 && passes(all));
  if (away.length === 0) return '';
  const ids = names(away.map(({ spec }) => spec.agentId));
  return ` ${count(away.length, 'agent')} could do it but ${away.length === 1 ? 'is' : 'are'} not connected: ${ids}.`;
}

/** Whether nothing stands against an agent but that it is away. */
function passes(all: readonly Ineligibility[]): boolean {
  return all.every((what) => what === 'INACTIVE' || what === 'HEALTH');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
