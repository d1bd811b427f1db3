import { type Ineligibility, ineligibilities, isEligible } from '../domain/agents/eligibility.js';
import type { Requirements } from '../domain/tasks/requirements.js';
import type { InstanceState } from './instance-state.js';

/** What organisations have set that eligibility goes by; asked whenever agents are sorted. */
export interface OrgTerms {
  /** The health threshold for tasks that name none. `null`: the server's. */
  minHealthOf(org: string): number | null;
  /** See `CandidatePools`. */
  isInPool(org: string, pool: string, subjectId: string): boolean;
  /** Calls `listener` when an answer for an organisation may be another than before. */
  onChanged(listener: (org: string) => void): void;
}

/** Who may serve what, as their organisations have it. */
export class OrgEligibility {
  readonly #minHealth: number;
  readonly #terms: OrgTerms | undefined;
  readonly #thresholds = new Map<string, number>();

  /** @param minHealth of organisations that have set none */
  constructor(minHealth: number, terms?: OrgTerms) {
    this.#minHealth = minHealth;
    this.#terms = terms;
  }

  isEligible({ org, agentId, spec, agent }: InstanceState, requirements: Requirements): boolean {
    const { pool } = requirements;
    const threshold = this.#thresholdOf(org);
    const { condition } = agent;
    if (pool === null) return isEligible(spec, condition, requirements, threshold);
    // The pool is looked at last: it may be one that has to be read first.
    const isInPool = () => this.#isInPool(org, pool, agentId);
    return isEligible(spec, condition, requirements, threshold, isInPool);
  }

  against(
    { org, agentId, spec, agent }: InstanceState,
    requirements: Requirements,
  ): readonly Ineligibility[] {
    const isInPool = (pool: string) => this.#isInPool(org, pool, agentId);
    return ineligibilities(spec, agent.condition, requirements, this.#thresholdOf(org), isInPool);
  }

  /** Goes by another threshold from here on if the organisation has set one. @returns whether it did */
  thresholdChanged(org: string): boolean {
    const before = this.#thresholds.get(org);
    if (before === undefined) return false;
    this.#thresholds.delete(org);
    return this.#thresholdOf(org) !== before;
  }

  #isInPool(org: string, pool: string, agentId: string): boolean {
    return this.#terms?.isInPool(org, pool, agentId) ?? false;
  }

  /** Kept, so that all agents are sorted by the same until they are sorted anew. */
  #thresholdOf(org: string): number {
    const known = this.#thresholds.get(org);
    if (known !== undefined) return known;
    const threshold = this.#terms?.minHealthOf(org) ?? this.#minHealth;
    this.#thresholds.set(org, threshold);
    return threshold;
  }
}
