import { createHash } from 'node:crypto';
import type { WorkflowService, WorkflowSpec as WorkflowSpecMessage } from '@reeve/sdk/protocol';
import type { JsonValue } from '../../../domain/json.js';
import type { WorkflowSpec } from '../../../domain/workflows/spec.js';
import { startWorkflow } from '../../../usecases/workflows/start.js';
import { validateWorkflow } from '../../../usecases/workflows/validate.js';
import type { Handlers } from '../../call.js';
import { toProtoNodes, toProtoProblem, toProtoSnapshot } from '../../mapping/workflow.js';
import { toDomainWorkflowSpec } from '../../mapping/workflow-spec.js';
import type { Context } from '../context.js';
import { readSnapshot } from './read-snapshot.js';

export function workflowStartHandlers({
  ports,
  workflows,
}: Context): Pick<Handlers<typeof WorkflowService>, 'startWorkflow' | 'validateWorkflow'> {
  const { defaultRetry } = ports.rules;
  const start = startWorkflow(workflows.ports);
  const validate = validateWorkflow(workflows.ports);

  return {
    async startWorkflow(principal, request) {
      const asked = request.spec as WorkflowSpecMessage;
      const { spec, notes } = toDomainWorkflowSpec(asked, principal, defaultRetry, 'spec');
      const { requestId } = request;
      const named = requestId === '' ? null : { requestId, bodyHash: hashOf(spec) };
      const started = await start(principal, { spec, request: named });
      const { org, workflowId } = started.workflow;
      const { snapshot, plan } = await readSnapshot(ports, workflows, { org, workflowId });
      return {
        workflow: toProtoSnapshot(snapshot, plan),
        alreadyStarted: started.alreadyStarted,
        notes: [...notes, ...started.notes],
      };
    },

    async validateWorkflow(principal, request) {
      const asked = request.spec as WorkflowSpecMessage;
      const { spec } = toDomainWorkflowSpec(asked, principal, defaultRetry, 'spec');
      const found = await validate(principal, spec);
      return {
        valid: found.problems.length === 0,
        problems: found.problems.map(toProtoProblem),
        warnings: found.warnings.map(toProtoProblem),
        ...(found.plan && {
          plan: toProtoNodes(found.plan, found.nodes),
          stages: found.stages.map((nodes) => ({ nodes: [...nodes] })),
        }),
      };
    },
  };
}

/** The same for equal specs, in whichever order the keys of their objects came. */
function hashOf(spec: WorkflowSpec): Uint8Array {
  const text = JSON.stringify(spec, (_key, value: JsonValue) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? inOrder(value) : value,
  );
  return createHash('sha256').update(text).digest();
}

function inOrder(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
