/** What can be measured, and which systems it is measured of if nobody says. */
export const BENCHES = {
  throughput: ['reeve', 'bullmq', 'graphile-worker', 'pg-boss'],
  latency: ['reeve', 'bullmq', 'graphile-worker', 'pg-boss'],
  embedded: ['reeve-dev'],
} as const;
export type Bench = keyof typeof BENCHES;

export function isBench(name: string): name is Bench {
  return Object.hasOwn(BENCHES, name);
}
