import type { AgentSpec, LoadReport } from '../domain/agents/agent.js';
import type { LaneDescription, Operation } from './operations.js';
import type { Run } from './runs.js';
import { loadScript } from './script.js';

export const STEP = loadScript('./scripts/step.lua', import.meta.url);

/** What a step asks for; see `scripts/step.lua`. Times in ms since the epoch. */
export interface StepRequest {
  readonly org: string;
  /** Default: the clock of Redis. */
  readonly now?: number;
  /** The coordinator. */
  readonly me: string;
  /** It holds sessions, and is there for another `ttl` ms. */
  readonly holds: boolean;
  readonly ttl: number;
  /** Channels that wake coordinators begin with this. */
  readonly wake: string;
  /** What the index is called if it is new, and what it was called at the last step. */
  readonly fresh: string;
  readonly generation: string;
  /** Of the last step; -1: everything is wanted. */
  readonly since: number;
  /** Place in the journal. */
  readonly journal: number;
  readonly lanes: Readonly<Record<string, LaneDescription>>;
  readonly ops: readonly (Run | Operation)[];
  /** Done after `ops`; each is answered. */
  readonly asks: readonly Operation[];
  readonly want: readonly Want[];
}

/** A lane of which so many first tasks are wanted, and how long each is expected to take (ms). */
export type Want = readonly [lane: string, max: number, expectedMs: number];

/**
 * What Redis knows of limits: their version, whether it knows what runs, how many more tasks may go in all and of the
 * other band, how many more agents may be busy (false: any number), what each band was given in ms.
 */
export type ToldOrder = readonly [
  number,
  boolean,
  number | false,
  number | false,
  number | false,
  number,
  number,
];

/** JSON has no empty arrays where Lua wrote it. */
export type List<T> = readonly T[] | Readonly<Record<string, never>>;

export function list<T>(value: List<T> | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

/** granted, assigned, in flight, reserved, last chosen, withdrawn, request of the newest grant. */
export type Counts = readonly [number, number, number, number, number, number, string | false];

/** What an instance is, as it is kept in Redis. */
export interface KeptInstance {
  readonly spec: AgentSpec;
  readonly slots: number;
  /** The coordinator that holds its session. */
  readonly holder: string;
  /** ms since the epoch. */
  readonly since: number;
}

export interface News {
  /** All there is, not only what has changed. */
  readonly all?: boolean;
  readonly described?: List<readonly [string, string | false]>;
  /** Lane, size, and its first task: id, score, what its choice goes by. */
  readonly lanes?: List<readonly [string, number, string, string, string | false]>;
  readonly counts?: List<readonly [string, Counts]>;
  readonly instances?: List<readonly [string, string | false]>;
  /** Agent, condition, report: when it ends, a blank, the load. */
  readonly agents?: List<readonly [string, string | false, string | false]>;
  /** Version, names and parts in turn. */
  readonly holds?: readonly [string, List<string>];
}

export interface JournalEntry {
  /** Tasks and their places in `of` from 1, in turn, blanks between them. */
  readonly attempts?: string;
  /** Kind, agent, outcome, began, ended, and the affinity key of those that have one. */
  readonly of?: readonly (readonly [string, string, 'SUCCEEDED' | 'FAILED', number, number, string?])[];
  /** Kind, agent, when. */
  readonly probe?: readonly [string, string, number];
  readonly by?: string;
}

export interface StepReply {
  readonly now: number;
  readonly generation: string;
  readonly version: number;
  /** The coordinator was not known to be there. */
  readonly isNew: boolean;
  /** Some task of the organisation has a deadline that is kept. */
  readonly hasDeadlines: boolean;
  /** Of `asks`. */
  readonly answers: List<unknown>;
  readonly news: News;
  readonly journal: readonly [number, List<string>];
  /** Lane, ids and scores in turn with blanks between them, what the choice of each goes by. */
  readonly first: List<readonly [string, string, List<string | false>]>;
  readonly inbox: List<string>;
  /** Left out: nothing is limited, and no band was given anything that counts. */
  readonly order?: ToldOrder;
  /** When a reservation lapses, or a task has waited for another agent long enough. */
  readonly due?: number;
}

/** What came of an operation `reserve`. */
export interface Reserved {
  /** Reservations have the numbers after this, in the order of the plans. */
  readonly after: number;
  /** Places of plans, from 1, that did not hold any more. */
  readonly refused: List<number>;
  /** Of the grants, by taker. Empty: none. */
  readonly requests: List<string>;
  /** Places of plans, and whom they were given to and what they count for, where they do. */
  readonly uses: List<readonly [number, string]>;
}

/** What an agent said of its load, and until when that counts (ms since the epoch). */
export function readReport(kept: string): { readonly load: LoadReport; readonly until: number } {
  const blank = kept.indexOf(' ');
  return { until: Number(kept.slice(0, blank)), load: JSON.parse(kept.slice(blank + 1)) as LoadReport };
}
