import type { WorkflowService } from '@reeve/sdk/protocol';
import type { WorkflowKey } from '../../../ports/workflow-record.js';
import { cancelWorkflow } from '../../../usecases/workflows/cancel.js';
import { patchContext, restoreContext } from '../../../usecases/workflows/patch-context.js';
import { retryWorkflow } from '../../../usecases/workflows/retry.js';
import type { Handlers } from '../../call.js';
import { toDomainValue } from '../../mapping/config.js';
import { toProtoSnapshot } from '../../mapping/workflow.js';
import type { Context } from '../context.js';
import { readSnapshot } from './read-snapshot.js';

type Names = 'cancelWorkflow' | 'retryWorkflow' | 'updateWorkflowContext' | 'restoreWorkflowContext';

export function workflowSteerHandlers({
  ports,
  workflows,
}: Context): Pick<Handlers<typeof WorkflowService>, Names> {
  const cancel = cancelWorkflow(workflows.ports);
  const retry = retryWorkflow(workflows.ports);
  const patch = patchContext({ ...workflows.ports, loaded: workflows.loaded });
  const restore = restoreContext(workflows.ports);

  async function asItIs(key: WorkflowKey) {
    const { snapshot, plan } = await readSnapshot(ports, workflows, key);
    return { workflow: toProtoSnapshot(snapshot, plan) };
  }

  return {
    async cancelWorkflow(principal, request) {
      const key = { org: principal.org, workflowId: request.workflowId.toLowerCase() };
      await cancel(principal, key, request.reason);
      return asItIs(key);
    },

    async retryWorkflow(principal, request) {
      const key = { org: principal.org, workflowId: request.workflowId.toLowerCase() };
      await retry(principal, key, request.reason);
      return asItIs(key);
    },

    async updateWorkflowContext(principal, request) {
      const key = { org: principal.org, workflowId: request.workflowId.toLowerCase() };
      const patches = request.patches.map(({ path, value, expectedVersion }) => ({
        path,
        value: value && toDomainValue(value),
        expected: expectedVersion === undefined ? null : Number(expectedVersion),
      }));
      const contextVersion = await patch(principal, key, patches);
      return { contextVersion: BigInt(contextVersion) };
    },

    async restoreWorkflowContext(principal, request) {
      const key = { org: principal.org, workflowId: request.workflowId.toLowerCase() };
      const version = Number(request.contextVersion);
      const contextVersion = await restore(principal, key, version);
      return { contextVersion: BigInt(contextVersion) };
    },
  };
}
