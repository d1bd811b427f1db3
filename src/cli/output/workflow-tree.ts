import { type WorkflowInfo, type WorkflowNodeInfo, workflowHasEnded } from '@reeve/sdk';
import { span } from './relative-time.js';
import { safeText } from './safe-text.js';
import { clip } from './table.js';
import { stateText } from './task-view.js';
import type { Scene } from './view.js';

const BAR = 16;
const WIDEST_NAME = 40;
const NODE_ENDS: readonly string[] = ['SUCCEEDED', 'PARTIAL', 'FAILED', 'SKIPPED', 'CANCELLED'];

export interface TreeSize {
  /** Characters of a line. Default: as many as it takes. */
  readonly columns?: number | undefined;
  /** Lines. Default: as many as it takes. */
  readonly rows?: number | undefined;
}

/** What is behind a bar. */
interface Counts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** A workflow with its groups and tasks, a line each, with bars. */
export function workflowTree(workflow: WorkflowInfo, scene: Scene, size: TreeSize = {}): string[] {
  const { progress, createTime, finishTime } = workflow;
  const groups = groupsOf(workflow.nodes);
  const width = Math.min(
    WIDEST_NAME,
    Math.max(
      0,
      ...workflow.nodes.map(({ groupId, taskId }) => (taskId ? taskId.length + 3 : groupId.length)),
    ),
  );
  const head = {
    lead: '',
    name: safeText(workflow.name || workflow.workflowId),
    state: workflow.state,
    counts: { total: progress.totalCount, succeeded: progress.succeededCount, failed: progress.failedCount },
    took: span((finishTime?.getTime() ?? scene.now) - createTime.getTime()),
    note: workflowHasEnded(workflow.state) ? workflow.reason : '',
  };
  const lines = [line(head, head.name.length, scene, size.columns)];
  const folded = size.rows !== undefined && 1 + workflow.nodes.length > size.rows;
  for (const [i, { group, tasks }] of groups.entries()) {
    const isLast = i === groups.length - 1;
    const shown = folded && (NODE_ENDS.includes(group.state) || group.state === 'WAITING') ? [] : tasks;
    const counts = sumOf(tasks);
    lines.push(
      line(
        rowOf(group, isLast ? '└─ ' : '├─ ', group.groupId, counts, scene),
        width + 3,
        scene,
        size.columns,
      ),
    );
    for (const [j, task] of shown.entries()) {
      const lead = `${isLast ? '   ' : '│  '}${j === shown.length - 1 ? '└─ ' : '├─ '}`;
      lines.push(line(rowOf(task, lead, task.taskId, countsOf(task), scene), width + 3, scene, size.columns));
    }
  }
  if (size.rows === undefined || lines.length <= size.rows) return lines;
  const kept = lines.slice(0, Math.max(1, size.rows - 1));
  return [...kept, scene.colors.dim(`… and ${lines.length - kept.length} more`)];
}

interface Row {
  readonly lead: string;
  readonly name: string;
  readonly state: string;
  readonly counts: Counts;
  readonly took: string;
  readonly note: string;
}

function rowOf(node: WorkflowNodeInfo, lead: string, id: string, counts: Counts, { now }: Scene): Row {
  const { state, startTime, finishTime, waitsFor } = node;
  const took = startTime ? span((finishTime?.getTime() ?? now) - startTime.getTime()) : '';
  const waits = state === 'WAITING' && waitsFor.length > 0 ? `for ${waitsFor.join(', ')}` : '';
  return { lead, name: safeText(id), state, counts, took, note: node.reason || waits };
}

function line(row: Row, nameWidth: number, scene: Scene, columns: number | undefined): string {
  const { colors } = scene;
  const { lead, state, counts, took, note } = row;
  const name = clip(row.name, WIDEST_NAME).padEnd(Math.max(0, nameWidth - lead.length));
  const done = counts.succeeded + counts.failed;
  const isOpen = counts.total === 0;
  const filled = isOpen ? 0 : Math.min(BAR, Math.floor((done / counts.total) * BAR));
  const parts: (readonly [string, string])[] = [
    [`${lead}${name}  `, `${colors.dim(lead)}${name}  `],
    [state.padEnd(10), stateText(state, scene) + ' '.repeat(Math.max(0, 10 - state.length))],
  ];
  const add = (text: string, painted = text) => parts.push([`  ${text}`, `  ${painted}`]);
  if (!isOpen) {
    const [full, rest] = ['█'.repeat(filled), '░'.repeat(BAR - filled)];
    add(full + rest, (counts.failed > 0 ? colors.yellow(full) : colors.green(full)) + colors.dim(rest));
    add(`${done}/${counts.total}  ${Math.floor((done / counts.total) * 100)} %`);
  }
  if (counts.failed > 0) add(`${counts.failed} failed`, colors.red(`${counts.failed} failed`));
  if (took) add(took);
  if (note) add(safeText(note), colors.dim(safeText(note)));
  return withinWidth(parts, columns).trimEnd();
}

/** As many of the parts as there is room for; the last one that has some is cut, without color. */
function withinWidth(
  parts: readonly (readonly [string, string])[],
  columns = Number.POSITIVE_INFINITY,
): string {
  let text = '';
  let left = columns;
  for (const [plain, painted] of parts) {
    const length = [...plain].length;
    if (length > left) return left > 1 ? `${text}${clip(plain, left)}` : text;
    text += painted;
    left -= length;
  }
  return text;
}

function groupsOf(nodes: readonly WorkflowNodeInfo[]) {
  const groups: { readonly group: WorkflowNodeInfo; readonly tasks: WorkflowNodeInfo[] }[] = [];
  for (const node of nodes) {
    if (node.taskId === '') groups.push({ group: node, tasks: [] });
    else groups.at(-1)?.tasks.push(node);
  }
  return groups;
}

function countsOf({ totalCount, succeededCount, failedCount }: WorkflowNodeInfo): Counts {
  return { total: totalCount, succeeded: succeededCount, failed: failedCount };
}

function sumOf(tasks: readonly WorkflowNodeInfo[]): Counts {
  return tasks.map(countsOf).reduce(
    (sum, { total, succeeded, failed }) => ({
      total: sum.total + total,
      succeeded: sum.succeeded + succeeded,
      failed: sum.failed + failed,
    }),
    { total: 0, succeeded: 0, failed: 0 },
  );
}
