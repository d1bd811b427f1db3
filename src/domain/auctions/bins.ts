/** Forecasts by tenths of their probability: how many, the sum of the probabilities, how many came true. */
export type Bins = readonly (readonly [count: number, forecast: number, hits: number])[];

const BINS = 10;
export const NO_BINS: Bins = Array.from({ length: BINS }, () => [0, 0, 0] as const);

/** With one more. @param kept what is left of the earlier ones, from 0 to 1 */
export function withForecast(bins: Bins, probability: number, hit: 0 | 1, kept: number): Bins {
  const at = Math.min(BINS - 1, Math.floor(probability * BINS));
  return bins.map(([count, forecast, hits], i) => {
    const here = i === at ? 1 : 0;
    return [kept * count + here, kept * forecast + here * probability, kept * hits + here * hit];
  });
}

/**
 * Expected calibration error: how far forecasts lie from what comes true, the mean over the bins by their counts.
 * `null`: there was none.
 */
export function calibrationErrorOf(bins: Bins): number | null {
  const total = bins.reduce((sum, [count]) => sum + count, 0);
  if (total === 0) return null;
  return bins.reduce((sum, [, forecast, hits]) => sum + Math.abs(forecast - hits), 0) / total;
}
