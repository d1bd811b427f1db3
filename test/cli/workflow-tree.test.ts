import { PassThrough } from 'node:stream';
import type { WorkflowInfo, WorkflowNodeInfo } from '@reeve/sdk';
import { expect, test } from 'vitest';
import { colorsFor } from '../../src/cli/output/colors.js';
import { Picture } from '../../src/cli/output/picture.js';
import { workflowTree } from '../../src/cli/output/workflow-tree.js';

const scene = { now: 60_000, colors: colorsFor(false) };

const node = (groupId: string, taskId: string, more: Partial<WorkflowNodeInfo> = {}): WorkflowNodeInfo => ({
  ...{ groupId, taskId, state: 'RUNNING', reason: '', resultKey: '', waitsFor: [] },
  ...{ totalCount: 0, submittedCount: 0, succeededCount: 0, failedCount: 0 },
  ...more,
});

const workflow = (nodes: readonly WorkflowNodeInfo[]): WorkflowInfo => ({
  ...{ workflowId: 'w', name: 'w', state: 'PROCESSING', reason: '', labels: {}, submitterSubjectId: '' },
  ...{ version: 1, seq: 1, run: 1, contextVersion: 0, createTime: new Date(0) },
  progress: { totalCount: 0, submittedCount: 0, succeededCount: 0, failedCount: 0, fraction: 0 },
  nodes,
});

const MANY = ['a', 'b', 'c'].flatMap((id) => [
  node(id, '', { state: id === 'b' ? 'RUNNING' : id === 'a' ? 'SUCCEEDED' : 'WAITING' }),
  ...['one', 'two'].map((task) => node(id, task)),
]);

test('a tree that is higher than the terminal shows the tasks of groups that run, and says what it leaves out', () => {
  expect(workflowTree(workflow(MANY), scene)).toHaveLength(10);
  expect(workflowTree(workflow(MANY), scene, { rows: 10 })).toHaveLength(10);
  const folded = workflowTree(workflow(MANY), scene, { rows: 6 });
  expect(folded).toHaveLength(6);
  expect(folded.filter((line) => /one|two/.test(line))).toHaveLength(2);
  expect(workflowTree(workflow(MANY), scene, { rows: 3 }).at(-1)).toBe('… and 4 more');
});

test('no line is wider than the terminal, and a name cannot move the cursor', () => {
  const long = node('group', `${'x'.repeat(300)}\u001b[2J`, {
    ...{ totalCount: 100_000, succeededCount: 33_333, failedCount: 1 },
    reason: 'TASK_FAILED: \u001b[31m1 of 3 items failed',
  });
  for (const columns of [1, 10, 40, 80, 200]) {
    for (const line of workflowTree(workflow([node('group', ''), long]), scene, { columns })) {
      expect([...line].length).toBeLessThanOrEqual(columns);
      expect(line).not.toContain('\u001b');
    }
  }
});

test('a picture is drawn over the one before, and gives the cursor back once', () => {
  const stream = new PassThrough({ encoding: 'utf8' });
  const picture = new Picture(stream);
  picture.draw(['a', 'b']);
  stream.read();
  picture.draw(['c']);
  expect(stream.read()).toBe('\u001b[2A\rc\u001b[K\n\u001b[J');
  picture.stop({ erase: true });
  picture.stop();
  picture.draw(['late']);
  expect(stream.read()).toBe('\u001b[1A\u001b[J\u001b[?25h');
});
