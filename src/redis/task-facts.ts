import type { Place } from '../domain/agents/location.js';
import type { TaskFacts } from '../domain/selection/strategy.js';

/** As Redis keeps it with a task. */
interface Kept {
  readonly prefer?: Place;
  readonly affinity?: string;
}

/** What the choice of an agent goes by, as it is kept with a task; '': nothing. */
export function textOfFacts({ prefer, keys }: TaskFacts): string {
  const affinity = keys?.affinity ?? null;
  if (prefer === null && affinity === null) return '';
  return JSON.stringify({
    ...(prefer !== null && { prefer }),
    ...(affinity !== null && { affinity }),
  } satisfies Kept);
}

/** @param text empty or false: nothing */
export function factsIn(text: string | false): TaskFacts {
  if (!text) return { prefer: null };
  const { prefer = null, affinity } = JSON.parse(text) as Kept;
  return affinity === undefined ? { prefer } : { prefer, keys: { affinity } };
}
