import { type Figures, PRODUCT, type Scenario } from './scenario.js';
import { type Estimate, estimate, pairedDifference } from './statistics.js';

/** What a policy came to in one metric. */
export interface Result {
  readonly metric: string;
  readonly policy: string;
  /** By seed, in their order. */
  readonly values: readonly number[];
  readonly estimate: Estimate;
  /** Minus the product's on the same seeds; `null`: it is the product's. */
  readonly difference: Estimate | null;
}

export interface Measured {
  readonly scenario: Scenario;
  readonly seeds: number;
  readonly results: readonly Result[];
}

/** Runs all policies of a scenario on seeds 1, 2, …, each on the same workloads. @param onRun is told of each run, for progress */
export function measure(
  scenario: Scenario,
  seeds: number,
  onRun: (seed: number, policy: string) => void = () => {},
): Measured {
  const runs = new Map<string, Figures[]>(scenario.policies.map((policy) => [policy, []]));
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const [policy, figures] of runs) {
      onRun(seed, policy);
      figures.push(scenario.run(seed, policy));
    }
  }
  const valuesOf = (policy: string, metric: string) =>
    (runs.get(policy) ?? []).map((figures, n) => {
      const value = figures[metric];
      if (value !== undefined && Number.isFinite(value)) return value;
      throw new Error(`${scenario.id}, ${policy}, seed ${n + 1}: the figure ${metric} is ${value}`);
    });
  const results = scenario.metrics.flatMap(({ id }) => {
    const product = valuesOf(PRODUCT, id);
    return scenario.policies.map((policy): Result => {
      const values = valuesOf(policy, id);
      const difference = policy === PRODUCT ? null : pairedDifference(values, product);
      return { metric: id, policy, values, estimate: estimate(values), difference };
    });
  });
  return { scenario, seeds, results };
}

export function resultOf({ results, scenario }: Measured, metric: string, policy: string = PRODUCT): Result {
  const found = results.find((result) => result.metric === metric && result.policy === policy);
  if (!found) throw new Error(`${scenario.id} has no figure ${metric} of ${policy}`);
  return found;
}
