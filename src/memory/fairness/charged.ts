/** What a fairness key was served where its tasks wait. */
export interface Charged {
  /** `null`: of the tasks that name none. */
  readonly key: string | null;
  /** It got a slot for so many ms, by its weight; or what was wrong in that. */
  charge(ms: number): void;
}
