import { settle } from '../domain/workflows/settings.js';
import type { WorkflowSpec } from '../domain/workflows/spec.js';
import type { WorkflowPlace } from '../domain/workflows/workflow.js';
import type { Ports } from './ports.js';

/**
 * Retries of tasks, with what those that are part of workflows may take in all: it counts anew, as in a retry of the
 * workflow. One whose deadline somebody has taken away stays without.
 */
export async function withTimeouts<I extends { readonly taskId: string }>(
  { record, workflows }: Pick<Ports, 'record' | 'workflows'>,
  org: string,
  items: readonly I[],
): Promise<readonly (I & { readonly timeoutMs?: number })[]> {
  const ids = items.map(({ taskId }) => taskId);
  const tasks = await record.getTasks(org, ids, 'BASIC');
  const places = tasks.flatMap((task) => {
    return task?.workflow && task.spec.deadline !== null ? [{ ...task.workflow, taskId: task.taskId }] : [];
  });
  const timeouts = new Map<string, number>();
  // One after the other: specs may be large.
  for (const workflowId of new Set(places.map((place) => place.workflowId))) {
    const spec = await workflows.getSpec({ org, workflowId });
    for (const place of places) {
      const timeoutMs = spec && place.workflowId === workflowId ? timeoutOf(spec, place) : null;
      if (timeoutMs !== null) timeouts.set(place.taskId, timeoutMs);
    }
  }
  return items.map((item) => {
    const timeoutMs = timeouts.get(item.taskId);
    return timeoutMs === undefined ? item : { ...item, timeoutMs };
  });
}

function timeoutOf(spec: WorkflowSpec, { groupId, templateId }: WorkflowPlace): number | null {
  const group = spec.groups.find((each) => each.groupId === groupId);
  const template = group?.tasks.find(({ taskId }) => taskId === templateId);
  return group && template ? settle(template.settings, group.defaults, spec.defaults).timeoutMs : null;
}
