import type { Task } from '../../../src/domain/tasks/task.js';
import type { TaskRecord } from '../../../src/ports/task-record.js';
import type { Ended, Participant, Verb } from './participant.js';
import { insist } from './schedules.js';
import { type Held, VERBS, type VerbName } from './verbs.js';

export interface Wandering {
  readonly record: TaskRecord;
  readonly participants: readonly Participant[];
  readonly org: string;
  /** The tasks at the beginning; those that are submitted join them. */
  readonly taskIds: readonly string[];
  readonly random: () => number;
  readonly steps: number;
}

interface Doing {
  readonly name: string;
  readonly verb: Verb;
}

/** Tasks that verbs are about at once are among so many, so that they meet. */
const WIDTH = 8;
const NAMES = (Object.keys(VERBS) as VerbName[]).filter((name) => !name.startsWith('submit by name'));

/**
 * Takes steps of random verbs on random connections; a verb that is told to try again is tried
 * again by its connection, meanwhile others go on. Gives what was told, and in which order.
 */
export async function wander({ record, participants, org, taskIds, random, steps }: Wandering) {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const known = [...taskIds];
  const doing: (Doing | undefined)[] = participants.map(() => undefined);
  const outcomes: unknown[] = [];
  const story: string[] = [];

  /** Something that its task allows now, more often than not. */
  async function choose(): Promise<Doing> {
    const recent = known.slice(-WIDTH);
    const tasks = (await record.getTasks(org, recent, 'BASIC')).flatMap((task) => task ?? []);
    const task = pick(tasks);
    const likely = LIKELY[task.state] ?? [];
    const name = likely.length > 0 && random() < 0.8 ? pick(likely) : pick(NAMES);
    const held = heldOf(task);
    if (!held.lease && NEEDS_LEASE.has(name)) return choose();
    const more = name === 'submit on' && random() < 0.5 ? tasks.filter((other) => other !== task) : [];
    const others = more.slice(0, 1).map(heldOf);
    const ids = [held, ...others].map(({ taskId }) => known.indexOf(taskId)).join(' ');
    return { name: `${name} ${ids}`, verb: VERBS[name](held, ...(others as [])) };
  }

  function end(who: number, ended: Ended) {
    story.push(`${who} ${doing[who]?.name}: ${ended === 'again' ? 'again' : kindOf(ended.outcome)}`);
    if (ended === 'again') return;
    outcomes.push(ended.outcome);
    const { kind, change } = (ended.outcome ?? {}) as { kind?: string; change?: { taskId: string } };
    if (kind === 'SUBMITTED' && change) known.push(change.taskId);
    doing[who] = undefined;
  }

  for (let step = 0; step < steps; step++) {
    const who = Math.floor(random() * participants.length);
    const participant = participants[who] as Participant;
    const own = doing[who] ?? (await choose());
    doing[who] = own;
    const { next } = participant;
    if (!(await participant.step(own.verb))) continue;
    story.push(`${who} ${own.name}: ${next}`);
    if (next === 'commit') end(who, await participant.ended());
  }
  // Who has begun comes to an end: first what waits for nobody.
  const begun = participants.flatMap((p, who) => (p.next === 'snapshot' ? [] : who));
  for (let who = begun.shift(); who !== undefined; who = begun.shift()) {
    const participant = participants[who] as Participant;
    const taken = await participant.step((doing[who] as Doing).verb);
    if (taken && participant.next === 'snapshot') end(who, await participant.ended());
    else begun.push(who);
  }
  for (const [who, own] of doing.entries()) {
    if (!own) continue;
    const outcome = await insist(participants[who] as Participant, own.verb, 'again');
    end(who, { outcome });
  }
  return { outcomes, story };
}

const NEEDS_LEASE: ReadonlySet<VerbName> = new Set([
  'accept',
  'renew',
  'return',
  'return for good',
  'succeed',
  'succeed plainly',
  'fail',
  'fail plainly',
  'fail for now',
  'obey',
  'expire',
]);
const ANY: readonly VerbName[] = ['cancel', 'submit on', 'settle edges'];
const LIKELY: Readonly<Record<string, readonly VerbName[]>> = {
  QUEUED: ['claim', 'claim', 'claim', 'route', 'skip', ...ANY],
  SCHEDULED: ['promote', 'promote', 'promote', ...ANY],
  BLOCKED: ANY,
  ASSIGNED: ['accept', 'return', 'succeed', 'fail', 'expire', ...ANY],
  RUNNING: ['succeed', 'succeed plainly', 'fail', 'fail for now', 'expire', 'renew', ...ANY],
  CANCELLING: ['obey', 'succeed', 'expire'],
  FAILED: ['retry', 'retry', 'submit on'],
  CANCELLED: ['retry', 'submit on'],
  TIMED_OUT: ['retry'],
  DEAD_LETTER: ['retry'],
  SKIPPED: ['settle edges', 'submit on'],
};

function heldOf({ org, taskId, seq, epoch, agentId, attempt, deliveries, spec }: Task): Held {
  const { retry, attemptTimeoutMs } = spec;
  const lease = agentId
    ? { org, taskId, epoch, agentId, attempt, deliveries, retry, attemptTimeoutMs }
    : null;
  return { org, taskId, seq, lease };
}

function kindOf(outcome: unknown): string {
  const { kind = 'OK', change } = (outcome ?? {}) as { kind?: string; change?: { state: string } };
  return change ? `${kind} ${change.state}` : kind;
}
