/** What can go wrong, each with how often beside the others, how long, and what it needs. */
export const FAULTS = {
  'kill coordinator': { weight: 5, lastsMs: [200, 4_000] },
  'freeze coordinator': { weight: 4, lastsMs: [500, 9_000] },
  'restart Redis without data': { weight: 3, lastsMs: [100, 6_000], needs: 'stores' },
  'flush Redis': { weight: 3, lastsMs: [0, 0], needs: 'stores' },
  'freeze Redis': { weight: 2, lastsMs: [500, 6_000], needs: 'stores' },
  'fail Redis over to an empty replica': { weight: 2, lastsMs: [300, 4_000], needs: 'stores' },
  'stop Postgres immediately': { weight: 3, lastsMs: [100, 4_000], needs: 'stores' },
  'fill the disk of Postgres': { weight: 1, lastsMs: [1_000, 6_000], needs: 'disk' },
  'jump the clock of Postgres': { weight: 1, lastsMs: [3_000, 8_000], needs: 'clocks' },
  'jump the clock of coordinator': { weight: 1, lastsMs: [3_000, 8_000], needs: 'clocks' },
  'cut connections': { weight: 3, lastsMs: [0, 0] },
  'lose replies': { weight: 4, lastsMs: [50, 1_500] },
  'delay bytes': { weight: 2, lastsMs: [1_000, 6_000] },
  'hold bytes one way': { weight: 3, lastsMs: [500, 7_000] },
  'leave streams half open': { weight: 2, lastsMs: [2_000, 8_000] },
  'make readers slow': { weight: 2, lastsMs: [2_000, 8_000] },
  'freeze an agent past its lease': { weight: 3, lastsMs: [5_000, 8_000], needs: 'agents' },
  'kill an agent': { weight: 2, lastsMs: [0, 0], needs: 'agents' },
  'bring all light agents back at once': { weight: 1, lastsMs: [0, 0], needs: 'storm' },
} as const satisfies Record<string, FaultKind>;

export interface FaultKind {
  readonly weight: number;
  readonly lastsMs: readonly [least: number, most: number];
  readonly needs?: Need;
}

export type FaultName = keyof typeof FAULTS;
/** What a run may have or not. */
export type Need = 'stores' | 'disk' | 'clocks' | 'agents' | 'storm';

/** Faults of a coordinator itself. */
export const OF_A_COORDINATOR: ReadonlySet<FaultName> = new Set([
  'kill coordinator',
  'freeze coordinator',
  'jump the clock of coordinator',
]);
/** Faults of the way to a store, or of that of agents and clients to the coordinators. */
export const OF_A_LINK: ReadonlySet<FaultName> = new Set([
  'cut connections',
  'lose replies',
  'delay bytes',
  'hold bytes one way',
]);
/** Faults of the way of agents and clients only. */
export const OF_THE_FRONT: ReadonlySet<FaultName> = new Set(['leave streams half open', 'make readers slow']);
