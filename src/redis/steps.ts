import type { Clock } from '../ports/clock.js';
import type { RedisClient } from './client.js';
import type { LaneDescription, Operation } from './operations.js';
import { toRuns } from './runs.js';
import { STEP, type StepReply, type StepRequest } from './step.js';

export interface StepsOptions {
  readonly org: string;
  /** The coordinator. */
  readonly me: string;
  readonly client: RedisClient;
  readonly clock: Clock;
  /** Time goes by `clock`, not by Redis: for tests. */
  readonly ownTime: boolean;
  readonly fresh: () => string;
}

/** What a step is to do. */
export interface StepWork extends Pick<StepRequest, 'holds' | 'want'> {
  readonly operations: readonly Operation[];
  readonly lanes: Readonly<Record<string, LaneDescription>>;
  readonly asked: readonly Operation[];
}

/** What came of it. */
export interface Step {
  readonly reply: StepReply;
  /** Redis has lost what it had since the last one. */
  readonly isLost: boolean;
}

/** How long a coordinator counts as there after its last step, in ms. */
const HOLDER_TTL_MS = 3_000;

/** Takes steps, one at a time, each from where the last one left off. */
export class Steps {
  readonly #options: StepsOptions;
  #generation = '';
  #version = -1;
  #journal = 0;
  #hasDeadlines = true;

  constructor(options: StepsOptions) {
    this.#options = options;
  }

  /** What the index was called at the last step. */
  get generation(): string {
    return this.#generation;
  }

  /** Whether some task had a deadline at the last step. */
  get hasDeadlines(): boolean {
    return this.#hasDeadlines;
  }

  /** @throws UNAVAILABLE (INDEX_UNAVAILABLE) */
  async take({ operations, lanes, asked, holds, want }: StepWork): Promise<Step> {
    const { org, me, client, clock, ownTime, fresh } = this.#options;
    const request: StepRequest = {
      org,
      ...(ownTime && { now: clock.now() }),
      me,
      holds,
      ttl: HOLDER_TTL_MS,
      wake: client.channel('wake:'),
      fresh: fresh(),
      generation: this.#generation,
      since: this.#version,
      journal: this.#journal,
      lanes,
      ops: toRuns(operations),
      asks: asked,
      want,
    };
    const reply = JSON.parse(String(await client.run(STEP, org, [JSON.stringify(request)]))) as StepReply;
    const isLost = this.#generation !== '' && this.#generation !== reply.generation;
    this.#generation = reply.generation;
    this.#version = reply.version;
    [this.#journal] = reply.journal;
    this.#hasDeadlines = reply.hasDeadlines;
    return { reply, isLost };
  }
}
