import type { MessageInitShape } from '@bufbuild/protobuf';
import { type OperationSchema, OperationState, OperationVerb } from '@reeve/sdk/protocol';
import type { Operation } from '../../domain/operations/operation.js';
import { toProtoFilter } from './task-filter.js';
import { optionalTimestampOf, timestampOf } from './time.js';

export function toProtoOperation(operation: Operation): MessageInitShape<typeof OperationSchema> {
  return {
    operationId: operation.operationId,
    verb: OperationVerb[operation.verb],
    state: OperationState[operation.state],
    filter: toProtoFilter(operation.filter),
    dryRun: operation.dryRun,
    totalCount: BigInt(operation.total),
    doneCount: BigInt(operation.done),
    skippedCount: BigInt(operation.skipped),
    failedCount: BigInt(operation.failed),
    stateCounts: toCounts(operation.stateCounts),
    kindCounts: toCounts(operation.kindCounts),
    reason: operation.reason,
    actorSubjectId: operation.actor,
    createTime: timestampOf(operation.createTime),
    updateTime: timestampOf(operation.updateTime),
    endTime: optionalTimestampOf(operation.endTime),
    errorMessage: operation.error,
  };
}

function toCounts(counts: Readonly<Record<string, number>>): Record<string, bigint> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, BigInt(count)]));
}
