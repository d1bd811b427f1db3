import { decideRoute } from '../domain/routing/decide-route.js';
import type { Requirements } from '../domain/tasks/requirements.js';
import type { Task } from '../domain/tasks/task.js';
import type { Ports } from './ports.js';

/**
 * The new requirements of a task that waits, with the pool, strategy and route that they lead to: an agent
 * that was chosen was so for what it asked before, so the choice is made anew.
 *
 * @throws UNAVAILABLE if the rules of its organisation cannot be read
 */
export async function rerouted(
  { orgRules, specs, clock }: Pick<Ports, 'orgRules' | 'specs' | 'clock'>,
  { org, spec, state, epoch }: Task,
  { requirements, body }: { readonly requirements: Requirements; readonly body: Uint8Array },
): Promise<Requirements> {
  if (requirements === spec.requirements) return requirements;
  const { config } = await orgRules.of(org);
  const facts = { ...spec, requirements };
  const waits = state === 'AWAITING_APPROVAL' || state === 'BLOCKED';
  const decided = decideRoute(facts, specs.termsOf(body), config, { now: clock.now(), waits });
  const { route } = decided.requirements;
  return route ? { ...decided.requirements, route: { ...route, epoch } } : decided.requirements;
}
