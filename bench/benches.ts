/** What can be measured. */
export const BENCHES = ['embedded'] as const;
export type Bench = (typeof BENCHES)[number];

export function isBench(name: string): name is Bench {
  return (BENCHES as readonly string[]).includes(name);
}
