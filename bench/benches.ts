/** What can be measured: of which systems, and at which sizes, if nobody says. */
export const BENCHES = {
  throughput: { systems: ['reeve', 'bullmq', 'graphile-worker', 'pg-boss'], sizes: [] },
  latency: { systems: ['reeve', 'bullmq', 'graphile-worker', 'pg-boss'], sizes: [] },
  backlog: {
    systems: ['reeve', 'bullmq', 'graphile-worker', 'pg-boss'],
    sizes: [10_000, 100_000, 1_000_000],
  },
  agents: { systems: ['reeve'], sizes: [10, 100, 1_000, 10_000] },
  recovery: { systems: ['reeve'], sizes: [100_000] },
  workflows: { systems: ['reeve'], sizes: [10_000, 100_000] },
  embedded: { systems: ['reeve-dev'], sizes: [] },
} as const;
export type Bench = keyof typeof BENCHES;

/** What can be asked for: of `decisions` see its own folder. */
export const NAMES: readonly string[] = [...Object.keys(BENCHES), 'decisions'];

export function isBench(name: string): name is Bench {
  return Object.hasOwn(BENCHES, name);
}
