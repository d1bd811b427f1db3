import type { JsonObject } from '@bufbuild/protobuf';
import { WorkflowService } from '@reeve/sdk/protocol';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { type ProviderState, startProvider } from '../policies/support/context-server.js';
import { openOrg } from './org-steering.js';
import { workflowWorld } from './workflow-world.js';

/** An organisation with an agent, and a provider that is told later where it is. */
export async function setupLookUps(on: EmbeddedCoordinator, { agents = true } = {}) {
  const org = openOrg(on);
  const world = workflowWorld(on.address, org.org);
  if (agents) await world.agent({ k: (input) => input });
  const use = async (address: string) => {
    await org.set('context_provider_plaintext', true);
    await org.set('context_provider_address', address);
    await org.set('context_provider_timeout', '20s');
  };
  return {
    org,
    world,
    use,
    /** With a provider of its own. */
    async provided(state: Partial<ProviderState> = {}) {
      const provider = await startProvider(state);
      await use(provider.address);
      return provider;
    },
    retry: (workflowId: string) =>
      world.grpc.call(WorkflowService.method.retryWorkflow, { workflowId }, world.meta),
  };
}

export const lookingUp = (task: JsonObject, more: JsonObject = {}): JsonObject => ({
  ...more,
  groups: [
    {
      groupId: 'g',
      tasks: [
        { taskId: 'asks', kind: 'k', lookups: { near: { to: '{{ context.place }}' } }, ...task },
        { taskId: 'after', kind: 'k', dependsOn: ['asks'], input: { ran: true } },
      ],
    },
  ],
  context: { place: 'Rome', ...(more.context as JsonObject) },
});

export const INPUT = { at: '{{ lookups.near.found.to }}' };
export const EACH = {
  lookups: { near: '{{ item.n }}' },
  input: { got: '{{ lookups.near }}' },
  settings: {
    expansion: { type: 'EXPANSION_TYPE_ARRAY', arrayMapping: [{ name: 'n', path: 'context.list' }] },
  },
};
export const list = (length: number) => ({ context: { list: Array.from({ length }, (_, n) => n) } });
