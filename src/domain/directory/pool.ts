import type { JsonObject } from '../json.js';

/** Which subjects may get a task by the roles they hold. */
export interface PoolQuery {
  /** The task's; roles of others do not count. */
  readonly jobSpaceId: string;
  /** All of these are to be held. */
  readonly roleIds: readonly string[];
  /** One role that matches is to be held. `null`: none need be, unless `roleIds` is empty: then any. */
  readonly roleFilter: JsonObject | null;
}

/** As text, the same for equal queries: it is part of a task's requirements. */
export function poolText({ jobSpaceId, roleIds, roleFilter }: PoolQuery): string {
  return JSON.stringify([jobSpaceId, [...roleIds].sort(), roleFilter]);
}

/** @throws Error for what `poolText` has not made */
export function readPool(text: string): PoolQuery {
  const [jobSpaceId, roleIds, roleFilter] = JSON.parse(text) as [string, string[], JsonObject | null];
  return { jobSpaceId, roleIds, roleFilter };
}
