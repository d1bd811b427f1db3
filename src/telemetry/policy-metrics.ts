import { Counter, Gauge, type Registry } from 'prom-client';
import type { PolicyCall, PolicyEngine, PolicyOutcome } from '../ports/policy-engine.js';

export interface PolicyMetricsSources {
  /** Expressions that were ended since the start, and services that are spared now. */
  readonly policyFigures: () => { readonly runaways: number; readonly openBreakers: number };
}

/** Told of the answers of a batch. */
export type Decided = (calls: readonly PolicyCall[], outcomes: readonly (readonly PolicyOutcome[])[]) => void;

export interface PolicyMetrics {
  look(): void;
  readonly decided: Decided;
}

/** What the policies of all organisations answer, and what they do to this coordinator. */
export function createPolicyMetrics(
  registry: Registry,
  { policyFigures }: PolicyMetricsSources,
): PolicyMetrics {
  const registers = [registry];
  const decisions = new Counter({
    name: 'reeve_policy_decisions_total',
    help: 'Answers of policies to tasks, by kind of policy; outcome: ok, or why there was none',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  const runaways = new Counter({
    name: 'reeve_policy_runaways_total',
    help: 'Expressions and schemas that were ended with their thread, for their deadline or memory',
    registers,
  });
  const openBreakers = new Gauge({
    name: 'reeve_policy_breakers_open',
    help: 'Services of remote policies and look-ups that failed repeatedly and are asked rarely',
    registers,
  });
  let counted = 0;

  return {
    look() {
      const figures = policyFigures();
      runaways.inc(figures.runaways - counted);
      counted = figures.runaways;
      openBreakers.set(figures.openBreakers);
    },
    decided(calls, outcomes) {
      for (const [i, { policy }] of calls.entries()) {
        // Counted first, since each `inc` looks its labels up.
        const counts = new Map<string, number>();
        let ok = 0;
        for (const outcome of outcomes[i] ?? []) {
          if (outcome.ok) ok++;
          else counts.set(outcome.failure, (counts.get(outcome.failure) ?? 0) + 1);
        }
        if (ok > 0) counts.set('ok', ok);
        for (const [outcome, count] of counts) decisions.inc({ kind: policy.kind, outcome }, count);
      }
    },
  };
}

/** The same engine; what policies answer to tasks is told. */
export function countedPolicies(engine: PolicyEngine, decided: Decided): PolicyEngine {
  return {
    ...engine,
    async decide(calls) {
      const outcomes = await engine.decide(calls);
      decided(calls, outcomes);
      return outcomes;
    },
  };
}
