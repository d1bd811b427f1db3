/** Who belongs to pools of candidates, by the roles they hold; a pool is named by `poolText`. */
export interface CandidatePools {
  /** Whether a subject belongs to a pool, as it is known: nobody does until it has been read, which begins now. */
  has(org: string, pool: string, subjectId: string): boolean;
  /** Everybody in a pool. @throws UNAVAILABLE (DIRECTORY_UNAVAILABLE) if that cannot be read */
  members(org: string, pool: string): Promise<ReadonlySet<string>>;
  /** In words, why nobody counts as a member of a pool: it could not be read. `null`: it is known, or being read. */
  problem(org: string, pool: string): string | null;
  /** Calls `listener` whenever a pool is another than before. */
  onChanged(listener: (org: string) => void): void;
}

/** Where nobody holds a role. */
export const NO_POOLS: CandidatePools = {
  has: () => false,
  members: async () => new Set(),
  problem: () => null,
  onChanged() {},
};
