import type { Agent } from '@reeve/sdk';
import { refused } from './shelf.js';

interface Parameters {
  readonly series: readonly number[];
  /** How much the newest figure counts for the level, and the newest step for the trend: 0 to 1. */
  readonly alpha: number;
  readonly beta: number;
}

/** parameter-matrix.yaml: forecasts by double exponential smoothing. */
export function handleForecasts(agent: Agent): void {
  agent.handle('holt.score', (input: Parameters) => {
    const { alpha, beta } = input;
    const { errors } = smooth(input);
    const error = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
    return { alpha, beta, error };
  });

  agent.handle('holt.forecast', ({ weeks, ...input }: Parameters & { weeks: number }) => {
    const { level, trend } = smooth(input);
    const forecast = Array.from({ length: weeks }, (_, i) => Math.round((level + trend * (i + 1)) * 10) / 10);
    return { alpha: input.alpha, beta: input.beta, forecast };
  });
}

function smooth({ series, alpha, beta }: Parameters) {
  const [first, second, ...rest] = series;
  if (first === undefined || second === undefined || rest.length === 0) {
    throw refused('TooShort', 'a forecast takes at least three figures');
  }
  let [level, trend] = [second, second - first];
  const errors: number[] = [];
  for (const figure of rest) {
    errors.push(figure - (level + trend));
    const before = level;
    level = alpha * figure + (1 - alpha) * (level + trend);
    trend = beta * (level - before) + (1 - beta) * trend;
  }
  return { level, trend, errors };
}
