import type { JsonObject, JsonValue } from '../../domain/json.js';
import type { Item } from '../../domain/workflows/expansion/items.js';
import { LOOKUPS, lookupsNamedIn, lookupsOf } from '../../domain/workflows/lookups.js';
import { variablesOf } from '../../domain/workflows/scope.js';
import { type Making, ownVariables, templateFailed, templateOf } from './make-tasks.js';
import { Questions } from './questions.js';
import { render } from './render.js';
import type { WorkflowPorts } from './workflow-ports.js';

/** What each item has looked up, by name. */
export type LookedUp =
  /** Empty: nothing is. */
  | { readonly ok: true; readonly values: readonly JsonObject[] }
  /** A code, and words. */
  | { readonly ok: false; readonly reason: string };

const NOTHING: LookedUp = { ok: true, values: [] };

/**
 * Asks the organisation's provider what the templates of items name of `lookups`, equal queries once. To be repeated, it
 * asks again.
 *
 * @param items `null`: the only one of a node without an expansion
 * @throws UNAVAILABLE where it is not known whether there are answers
 */
export const lookUp =
  (ports: Pick<WorkflowPorts, 'ports' | 'contexts'>) =>
  async (making: Making, items: readonly Item[] | null): Promise<LookedUp> => {
    const { workflow, node, scope } = making;
    const lookups = lookupsOf(node);
    if (Object.keys(lookups).length === 0) return NOTHING;
    const named = lookupsNamedIn(templateOf(node, items), lookups);
    const names = Object.keys(named);
    if (names.length === 0 || items?.length === 0) return NOTHING;
    const { expressions } = ports.ports;
    const own = ownVariables(items);
    const rendered = await render(expressions, workflow.org, { [LOOKUPS]: named }, variablesOf(scope), own);
    const asked = new Questions(items);
    const places: (readonly number[])[] = [];
    for (const [i, one] of rendered.entries()) {
      if (!one.ok) return { ok: false, reason: templateFailed(items?.[i] ?? null, one.description) };
      const queries = (one.value as { readonly [LOOKUPS]: JsonObject })[LOOKUPS];
      const added = asked.add(names, queries, i);
      if (typeof added === 'string') return { ok: false, reason: added };
      places.push(added);
    }
    const answers = await ask(ports, making, asked);
    if (!answers.ok) return answers;
    const answersTo = (at: readonly number[]): JsonObject =>
      Object.fromEntries(names.map((name, n) => [name, answers.values[at[n] ?? -1] ?? null]));
    return { ok: true, values: places.map(answersTo) };
  };

type Answers =
  | { readonly ok: true; readonly values: readonly JsonValue[] }
  | { readonly ok: false; readonly reason: string };

async function ask(
  { ports, contexts }: Pick<WorkflowPorts, 'ports' | 'contexts'>,
  { workflow: { org, workflowId, name }, node }: Making,
  asked: Questions,
): Promise<Answers> {
  const { config } = await ports.orgRules.of(org);
  const { contextProviderAddress: address, contextProviderPlaintext: plaintext } = config;
  if (address === null) {
    const message = 'the organisation has no context provider (parameter context_provider_address)';
    return { ok: false, reason: asked.failed(0, message) };
  }
  const place = { org, address, plaintext, timeoutMs: config.contextProviderTimeoutMs };
  const asker = { workflowId, workflowName: name, node: node.address };
  const answers = await contexts.query(place, asker, asked.queries);
  return answers.ok ? answers : { ok: false, reason: asked.failed(answers.at, answers.message) };
}
