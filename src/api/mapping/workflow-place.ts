import type { MessageInitShape } from '@bufbuild/protobuf';
import type { WorkflowPlaceSchema } from '@reeve/sdk/protocol';
import type { WorkflowPlace } from '../../domain/workflows/workflow.js';

export function toProtoPlaceInWorkflow({
  workflowId,
  groupId,
  templateId,
  item,
  run,
}: WorkflowPlace): MessageInitShape<typeof WorkflowPlaceSchema> {
  return { workflowId, groupId, taskId: templateId, sequenceNum: item, run };
}
