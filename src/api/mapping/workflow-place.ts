import { create } from '@bufbuild/protobuf';
import { type WorkflowPlace as Message, WorkflowPlaceSchema } from '@reeve/sdk/protocol';
import type { WorkflowPlace } from '../../domain/workflows/workflow.js';

const EMPTY = create(WorkflowPlaceSchema);

export function toProtoPlaceInWorkflow(place: WorkflowPlace): Message {
  const { workflowId, groupId, templateId, item, run } = place;
  return { ...EMPTY, workflowId, groupId, taskId: templateId, sequenceNum: item, run };
}
