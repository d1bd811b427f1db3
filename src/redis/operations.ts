import type { Tier } from '../domain/tasks/tier.js';
import type { ReadyTask } from '../ports/ready-index.js';
import { textOfFacts } from './task-facts.js';

/** A lane as it is described to Redis: what its tasks have in common, and the lane they go to if they wait too long. */
export interface LaneDescription {
  readonly d: string;
  /** Its name and description, a blank between them. */
  readonly b?: string;
}

/** Tasks that are planned for instances. */
export interface Plans {
  /** Of each in turn: task, place in `lanes`, place in `takers`, from 1. */
  readonly plans: readonly (string | number)[];
  /**
   * Lane ('': the task is new), kind, tier; O for the other band, H for people's, with c if both could go, and s if it
   * goes because the rest is owed its share; expected ms; lane and part of a new task; affinity key ('': none).
   */
  readonly lanes: readonly (readonly [string, string, Tier, string, number, string, string])[];
  /** Session, its holder, agent. */
  readonly takers: readonly (readonly [string, string, string])[];
  /** Of each: how its taker was chosen, as JSON; '' where that need not be passed on. Left out: none need be. */
  readonly how?: readonly string[];
}

/**
 * The operations of `scripts/parts/operations.lua`, `other-operations.lua` and `victims.lua`. Letters as there: `id` task, `l` lane, `c`
 * score, `s` seq, `t` tier, `k` kind, `f` what its choice goes by, `e` epoch. Times in ms since the epoch.
 */
export type Operation =
  | {
      readonly op: 'add';
      readonly id: string;
      readonly l: string;
      /** With a bar before it, see `partOf`; '': its tasks name no keys. */
      readonly p: string;
      readonly c: string;
      readonly s: number;
      readonly t: Tier;
      readonly k: string;
      readonly f?: string;
      readonly cause: 'NEW' | 'LOADED';
    }
  | { readonly op: 'remove'; readonly id: string; readonly s: number }
  | { readonly op: 'delay'; readonly id: string; readonly s: number; readonly t: Tier; readonly due: number }
  | { readonly op: 'takeDelayed'; readonly tiers: readonly Tier[]; readonly max: number }
  | {
      readonly op: 'put';
      readonly sid: string;
      readonly what: string;
      readonly slots: number;
      readonly granted: number;
      readonly assigned: number;
      readonly withdrawn: 0 | 1;
      readonly request: string;
      readonly held: readonly (readonly [string, number])[];
    }
  | { readonly op: 'drop'; readonly sid: string }
  | { readonly op: 'grant'; readonly sid: string; readonly total: number; readonly request: string }
  | { readonly op: 'withdraw'; readonly sid: string }
  | { readonly op: 'condition'; readonly agent: string; readonly what: string }
  | { readonly op: 'report'; readonly agent: string; readonly what: string; readonly lasts: number }
  | {
      readonly op: 'confirm';
      readonly id: string;
      readonly rid: string;
      readonly sid: string;
      readonly e: number;
      readonly s: number;
      /** Whom it was given to and what it counts for, for an index that has lost that; '': for nothing. */
      readonly use: string;
    }
  | { readonly op: 'release'; readonly id: string; readonly rid: string; readonly requeue: boolean }
  | {
      readonly op: 'attempts';
      readonly ends: readonly (readonly [string, 'SUCCEEDED' | 'FAILED'])[];
      /** When they ended, if that is known by the clock of Redis; default: when this is carried out. */
      readonly at?: number;
    }
  | { readonly op: 'probe'; readonly kind: string; readonly agent: string }
  | { readonly op: 'free'; readonly id: string; readonly e: number; readonly sid?: string }
  | {
      readonly op: 'hint';
      readonly id: string;
      readonly e: number;
      readonly due: number;
      readonly loaded: boolean;
    }
  | { readonly op: 'dropHint'; readonly id: string; readonly e: number }
  | { readonly op: 'watch'; readonly id: string; readonly s: number; readonly due: number }
  | { readonly op: 'unwatch'; readonly id: string; readonly s: number }
  | { readonly op: 'takeDue'; readonly name: 'hints' | 'deadlines'; readonly max: number }
  | { readonly op: 'hold'; readonly name: string; readonly part: string }
  | { readonly op: 'unhold'; readonly name: string }
  | {
      readonly op: 'limits';
      readonly version: number;
      /** '': any number. */
      readonly most: string;
      readonly busy: string;
      readonly slots: number;
      readonly limited: boolean;
      /** Names and values in turn. */
      readonly fields: readonly string[];
    }
  | {
      readonly op: 'running';
      readonly id: string;
      readonly t: Tier;
      readonly k: string;
      readonly agent: string;
      readonly use: string;
      readonly e: number;
      readonly s: number;
    }
  | { readonly op: 'started'; readonly limit: string; readonly name: string; readonly time: number }
  | { readonly op: 'ready'; readonly life: string }
  | { readonly op: 'victims'; readonly max: number }
  | {
      readonly op: 'sendBack';
      /** Task, epoch, the task it is for ('': it was refused), until when that counts, 1: it is new. */
      readonly marks: readonly (readonly [string, number, string, number, 0 | 1])[];
      /** Task, epoch, how long it is expected to take (ms). */
      readonly onShare: readonly (readonly [string, number, number])[];
    }
  | ({
      readonly op: 'reserve';
      readonly holds: string;
      /** Of the limits that the plan was made on: an index that knows older ones has lost them. */
      readonly limits: number;
      /** Only if nothing has changed since the last step. */
      readonly current: boolean;
    } & Plans);

/** Those that would count twice if they were repeated. */
export function mayRepeat({ op }: Operation): boolean {
  return op !== 'attempts' && op !== 'probe' && op !== 'reserve' && op !== 'takeDue' && op !== 'takeDelayed';
}

/** What follows from what was done, and is told in its order; until then the index only knows of fewer free slots. */
const FOLLOWS: ReadonlySet<Operation['op']> = new Set([
  'grant',
  'confirm',
  'attempts',
  'free',
  'hint',
  'dropHint',
  'watch',
  'unwatch',
]);

/** Whether nobody waits for an operation: it goes along with the next step, whenever that is. */
export function mayWait({ op }: Operation): boolean {
  return FOLLOWS.has(op);
}

/** Puts a task into a lane. */
export function addTo(lane: string, part: string, task: ReadyTask, cause: 'NEW' | 'LOADED'): Operation {
  const { taskId, score, seq, tier, kind, requirements } = task;
  const facts = textOfFacts(requirements);
  const common = { op: 'add', id: taskId, l: lane, p: part, c: String(score), s: seq } as const;
  return { ...common, t: tier, k: kind, cause, ...(facts !== '' && { f: facts }) };
}
