import type { JsonValue } from '../domain/json.js';

/** A service of an organisation's own. */
export interface ContextProviderPlace {
  readonly org: string;
  /** `host:port`. */
  readonly address: string;
  readonly plaintext: boolean;
  /** Of one call. */
  readonly timeoutMs: number;
}

/** For what something is looked up. */
export interface LookingUp {
  readonly workflowId: string;
  readonly workflowName: string;
  /** As `group.task`. */
  readonly node: string;
}

export interface ContextQuery {
  /** Of the look-up. */
  readonly name: string;
  /** No larger than `LOOKUP_SIZE`. */
  readonly query: JsonValue;
}

/** ERROR: the service says so. */
export type LookupFailure = 'UNAVAILABLE' | 'DEADLINE' | 'TOO_LARGE' | 'WRONG_RESULT' | 'ERROR';

export type ContextAnswers =
  /** One each, in order; none larger than `LOOKUP_SIZE`. */
  | { readonly ok: true; readonly values: readonly JsonValue[] }
  /** The place of a query that has no answer, and why. */
  | {
      readonly ok: false;
      readonly at: number;
      readonly failure: LookupFailure;
      readonly message: string;
    };

/** Answers what tasks of workflows look up before they are made. */
export interface ContextProvider {
  /**
   * All answers, or one query that has none: the others are not asked any further then. Takes a minute at most.
   *
   * @throws UNAVAILABLE once it is stopped: nothing is known then of the queries
   */
  query(
    place: ContextProviderPlace,
    asker: LookingUp,
    queries: readonly ContextQuery[],
  ): Promise<ContextAnswers>;
  /** Ends what is under way. */
  stop(): void;
}
