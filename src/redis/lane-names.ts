import { createHash } from 'node:crypto';
import type { TaskKeys } from '../domain/tasks/keys.js';
import { type Requirements, signatureOf } from '../domain/tasks/requirements.js';
import type { Band } from '../domain/tasks/source.js';
import type { Tier } from '../domain/tasks/tier.js';
import type { ReadyTask } from '../ports/ready-index.js';
import type { LaneDescription } from './operations.js';

/** What the tasks of a lane have in common. */
export interface LaneFacts {
  readonly kind: string;
  readonly requirements: Requirements;
  readonly band: Band;
  readonly tier: Tier;
  /** The agent that had them last; they go to another for a while, if there is one. */
  readonly avoid: string | null;
}

/** Names that are kept from being made again; the one that was made first is forgotten first. */
const MAX_KEPT = 20_000;

type Named = Pick<ReadyTask, 'kind' | 'requirements' | 'band' | 'tier' | 'lastAgentId'>;

/** The part of its lane that a task is in, with a bar before it, as scripts name it; '': it names no keys. */
export function partOf(keys: TaskKeys | null): string {
  if (!keys || (keys.fairness === null && keys.limits.length === 0)) return '';
  return `|${keys.fairness ?? ''}|${keys.limits.join('|')}`;
}

/** Names lanes by what their tasks have in common; those that avoid an agent begin with `!`. */
export class LaneNames {
  readonly #known = new Map<string, { readonly name: string; readonly description: LaneDescription }>();

  of({ kind, requirements, band, tier, lastAgentId }: Named) {
    const signature = `${band} ${tier} ${kind} ${lastAgentId ?? ''} ${signatureOf(requirements)}`;
    const known = this.#known.get(signature);
    if (known) return known;
    // What is only preferred is each task's own.
    const facts = {
      kind,
      requirements: { ...requirements, prefer: null, keys: null },
      band,
      tier,
      avoid: null,
    };
    const base = { name: nameOf(facts), d: JSON.stringify(facts) };
    const avoiding = { ...facts, avoid: lastAgentId };
    const made =
      lastAgentId === null
        ? { name: base.name, description: { d: base.d } }
        : {
            name: `!${nameOf(avoiding)}`,
            description: { d: JSON.stringify(avoiding), b: `${base.name} ${base.d}` },
          };
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_KEPT && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(signature, made);
    return made;
  }
}

function nameOf({ kind, requirements, band, tier, avoid }: LaneFacts): string {
  const text = JSON.stringify([band, tier, kind, avoid, signatureOf(requirements)]);
  return createHash('sha1').update(text).digest('base64url').slice(0, 16);
}
