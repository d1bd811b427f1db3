import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { WorkflowNodeState, WorkflowService, type WorkflowSpec, WorkflowState } from '@reeve/sdk/protocol';
import { onTestFinished } from 'vitest';
import { FakeCoordinator } from '../../../sdk/typescript/test/support/fake-coordinator.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { type RunOptions, run } from './world.js';

export const { method } = WorkflowService;
export const ID = '00000000-0000-7000-8000-000000000001';
/** As people read it. */
export const PLAIN = { tty: true, env: { NO_COLOR: '1' } };

export const YAML = `name: nightly
params: {limit: 3}
groups:
  - id: collect
    tasks:
      - id: list
        kind: folder.list
  - id: read
    depends_on: collect
    tasks:
      - id: digest
        kind: text.digest
        expand:
          array: {file: results.list.files}
        timeout: 30s
`;

/** The command line, before a coordinator that says what it is told to; what it was asked to start. */
export async function setup() {
  const server = await FakeCoordinator.start();
  onTestFinished(() => server.crash());
  const reeve = (argv: readonly string[], options: RunOptions = {}) =>
    run(argv, { ...options, env: { REEVE_ADDRESS: server.address, ...options.env } });
  const started: { spec: WorkflowSpec | undefined; requestId: string }[] = [];
  server.answer(method.startWorkflow, ({ spec, requestId }) => {
    started.push({ spec, requestId });
    return { workflow: at(WorkflowState.INITIALIZING) };
  });
  server.answer(method.getWorkflow, () => ({ workflow: at(WorkflowState.PROCESSING) }));
  return { server, reeve, started };
}

export async function fileOf(text: string, name = 'nightly.yaml'): Promise<string> {
  const file = path.join(temporaryFolder('workflow'), name);
  await writeFile(file, text);
  return file;
}

export const at = (state: WorkflowState, more: object = {}) => ({
  workflowId: ID,
  name: 'nightly',
  state,
  version: 1n,
  createTime: timestampFromMs(0),
  ...more,
});

export const node = (
  groupId: string,
  taskId: string,
  state: WorkflowNodeState,
  counts: readonly number[] = [],
) => {
  const [total = 0, succeeded = 0, failed = 0] = counts;
  return {
    ...{ groupId, taskId, state },
    totalCount: BigInt(total),
    submittedCount: BigInt(total),
    succeededCount: BigInt(succeeded),
    failedCount: BigInt(failed),
    ...(state !== WorkflowNodeState.WAITING && { startTime: timestampFromMs(1_000) }),
    waitsFor: groupId === 'read' && taskId === '' ? ['collect'] : [],
  };
};
