import { fromBinary } from '@bufbuild/protobuf';
import { TaskSpecSchema } from '@reeve/sdk/protocol';
import { keyOf, type Tables } from '../../src/memory/record/tables.js';
import type { RecordSnapshot } from '../support/checker-record.js';

/** The record as the checker wants it. */
export function snapshotOf({ tasks, results, requests, edges }: Tables): RecordSnapshot {
  const rows = [...tasks.values()];
  return {
    tasks: rows.map((row) => {
      const { org, taskId, state, epoch, attempt, series, agentId, spec } = row;
      const output = results.get(keyOf(org, taskId, epoch))?.result.output;
      return {
        ...{ taskId, state, epoch, attempt, series, agentId },
        requestId: spec.labels.request ?? null,
        dependencies: spec.dependencies,
        body: textOf(fromBinary(TaskSpecSchema, spec.body).input?.content.value),
        output: state === 'SUCCEEDED' && output ? JSON.parse(textOf(output.data)) : undefined,
      };
    }),
    events: rows.flatMap((row) => row.events),
    results: [...results.values()].map(({ taskId, epoch, series, resultId, result }) => {
      return { taskId, epoch, series, resultId, outcome: result.outcome };
    }),
    edges: [...edges.values()].flat(),
    requests: [...requests.values()].map(({ requestId, taskId }) => ({ requestId, taskId })),
  };
}

function textOf(bytes: unknown): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('utf8') : '';
}
