import { type Measured, resultOf } from '../measure.js';
import { verdictOn } from '../scenario.js';

/** All figures, those of each seed too; the same seeds give the same text. */
export function json(all: readonly Measured[]): string {
  const scenarios = all.map((measured) => {
    const { scenario, seeds } = measured;
    const metrics = scenario.metrics.map(({ id, title, unit, goal }) => ({
      id,
      title,
      unit,
      ...(goal && { goal, verdict: verdictOn(resultOf(measured, id).estimate.mean, goal) }),
      policies: scenario.policies.map((policy) => {
        const { estimate, difference, values } = resultOf(measured, id, policy);
        return { policy, ...estimate, ...(difference && { difference }), values };
      }),
    }));
    return { id: scenario.id, title: scenario.title, seeds, metrics };
  });
  return `${JSON.stringify({ bench: 'decisions', scenarios }, null, 2)}\n`;
}
