import type {
  WorkflowDocument,
  WorkflowExpansion,
  WorkflowGroupDocument,
  WorkflowTaskDocument,
} from '@reeve/sdk';
import { seededRandom } from './history-jobs.js';

/** A workflow of a test, and what is done with it afterwards. */
export interface WorkflowJob {
  readonly requestId: string;
  readonly document: WorkflowDocument;
  /** `cancel`: once it runs; `retry`: when it has FAILED. */
  readonly next?: 'cancel' | 'retry';
}

/** Of each task: enough to outlive every fault, so that only a play decides whether it fails. */
export const WORKFLOW_TASK_ATTEMPTS = 90;

/** Plays of agents, see `history-plays.ts`, each with how often beside the others. */
const PLAYS = [
  ['quick', 30],
  ['flaky', 4],
  ['decline-once', 2],
  ['hopeless', 3],
  ['slow', 1],
] as const;
const ON_FAILURE = ['fail_workflow', 'continue', 'escalate'] as const;
const OUTPUTS = ['separate', 'separate', 'merge', 'single'] as const;
const MOST_GROUPS = 3;
const MOST_TASKS = 3;
const MOST_ITEMS = 6;

/**
 * Small random ones: groups and tasks that wait for some of those before them, expansions of lists of up to six (also of
 * none) and of their combinations, with every form of output, conditions, groups that take too long, all that can be done about a failure; some are cancelled, some run again. The first three are not
 * left to chance: one with every kind of step, one that is cancelled while it runs, and one that fails and is retried.
 *
 * @param prefix of the request ids, unique in a data folder
 */
export function* mixedWorkflows(prefix: string, seed: number): Generator<WorkflowJob, never> {
  const random = seededRandom(seed ^ 0xf10);
  yield* certainWorkflows(prefix);
  for (let i = 3; ; i++) yield { requestId: `${prefix}-${i}`, ...randomWorkflow(`${prefix}-${i}`, random) };
}

const SETTINGS = {
  retry: { maxAttempts: WORKFLOW_TASK_ATTEMPTS, initialBackoff: '50ms', maxBackoff: '100ms' },
  params: { yes: true, no: false },
} as const;

function* certainWorkflows(prefix: string): Generator<WorkflowJob> {
  const list = Array.from({ length: MOST_ITEMS }, (_, n) => ({ n }));
  const each: WorkflowTaskDocument = {
    id: 'each',
    kind: 'wire.quick',
    expand: { array: { one: 'context.list' } },
  };
  const named = (i: number, groups: readonly WorkflowGroupDocument[]): WorkflowDocument => ({
    ...{ name: `${prefix}-${i}`, groups, context: { list } },
    ...SETTINGS,
  });
  const sum: WorkflowTaskDocument = {
    id: 'sum',
    kind: 'wire.quick',
    input: { count: '{{ size(results.many.each.task_results) }}' },
  };
  const many = { id: 'many', tasks: [each, { id: 'skipped', kind: 'wire.nobody', condition: 'params.no' }] };
  yield {
    requestId: `${prefix}-0`,
    document: named(0, [many, { id: 'end', dependsOn: 'many', tasks: [sum] }]),
  };
  const stuck: WorkflowTaskDocument = { id: 'stuck', kind: 'wire.nobody', dependsOn: 'each' };
  yield {
    requestId: `${prefix}-1`,
    document: named(1, [{ id: 'many', tasks: [each, stuck] }]),
    next: 'cancel',
  };
  const fails: WorkflowTaskDocument = { id: 'fails', kind: 'wire.hopeless' };
  yield { requestId: `${prefix}-2`, document: named(2, [{ id: 'g', tasks: [each, fails] }]), next: 'retry' };
}

function randomWorkflow(name: string, random: () => number): Omit<WorkflowJob, 'requestId'> {
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const groups = Array.from({ length: whole(1, MOST_GROUPS) }, (_, g): WorkflowGroupDocument => {
    const dependsOn = Array.from({ length: g }, (_, i) => `g${i}`).filter(() => random() < 0.5);
    const tasks = Array.from({ length: whole(1, MOST_TASKS) }, (_, t) => randomTask(t, random, whole));
    if (random() < 0.08) {
      const late: WorkflowTaskDocument = { id: 'late', kind: 'wire.nobody', onFailure: 'continue' };
      return { id: `g${g}`, dependsOn, tasks: [...tasks, late], timeout: '5s' };
    }
    return { id: `g${g}`, dependsOn, tasks, ...(random() < 0.1 && { condition: 'params.no' }) };
  });
  const list = Array.from({ length: whole(0, MOST_ITEMS) }, (_, n) => ({ n }));
  const roll = random();
  return {
    document: { name, groups, context: { list, few: [{ n: 0 }, { n: 1 }] }, ...SETTINGS },
    ...(roll < 0.15 ? { next: 'cancel' } : roll < 0.6 ? { next: 'retry' } : {}),
  };
}

function randomTask(
  t: number,
  random: () => number,
  whole: (least: number, most: number) => number,
): WorkflowTaskDocument {
  const dependsOn = Array.from({ length: t }, (_, i) => `t${i}`).filter(() => random() < 0.4);
  const isMany = random() < 0.4;
  return {
    id: `t${t}`,
    kind: `wire.${playOf(random())}`,
    // Of its own group.
    dependsOn,
    input: { text: `{{ size(context.list) }} of ${t}` },
    onFailure: ON_FAILURE[whole(0, ON_FAILURE.length - 1)] ?? 'continue',
    ...(isMany && { expand: expansionOf(whole) }),
    ...(random() < 0.15 && { condition: random() < 0.5 ? 'params.no' : 'params.yes' }),
  };
}

function expansionOf(whole: (least: number, most: number) => number): WorkflowExpansion {
  const [list, few] = ['context.list', 'context.few'];
  const shapes = [
    { array: { one: list } },
    { array: { one: list } },
    { matrix: { row: list, col: few } },
    { custom: { combine: [list, few], conditions: ['item.list.n != item.few.n'] } },
  ];
  const outputFormat = OUTPUTS[whole(0, OUTPUTS.length - 1)] ?? 'separate';
  return { ...shapes[whole(0, shapes.length - 1)], outputFormat };
}

function playOf(roll: number): string {
  let left = roll * PLAYS.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [play, weight] of PLAYS) {
    left -= weight;
    if (left < 0) return play;
  }
  return 'quick';
}

/** The first so many. */
export function someWorkflows(prefix: string, seed: number, count: number): WorkflowJob[] {
  const jobs = mixedWorkflows(prefix, seed);
  return Array.from({ length: count }, () => jobs.next().value);
}
