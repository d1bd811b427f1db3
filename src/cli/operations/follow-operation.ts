import type { OperationInfo } from '@reeve/sdk';
import { number, tasks } from '../bulk/preview.js';
import { showTurns } from '../bulk/show-turns.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import type { Invocation } from '../invocation.js';

/**
 * Waits for the end of an operation and shows how far it is. Whoever stops waiting is told
 * that the operation goes on.
 */
export async function followOperation(
  { world, talk, onEnd, client, signal }: Invocation,
  begun: OperationInfo,
): Promise<OperationInfo> {
  const { operationId } = begun;
  let turns: ReturnType<typeof showTurns> | undefined;
  let isOver = false;
  onEnd(() => {
    if (isOver) return;
    talk(`The coordinator goes on with operation ${operationId}.`);
    talk(`reeve operation wait ${operationId} follows it, reeve operation cancel ${operationId} ends it.`);
  });
  const onProgress = ({ state, totalCount, doneCount, skippedCount, failedCount }: OperationInfo) => {
    if (state === 'COUNTING') return;
    turns ??= showTurns({ world, talk, onEnd }, totalCount);
    turns.show(Math.min(totalCount, doneCount + skippedCount + failedCount));
  };
  const ended = await client().operations.wait(operationId, { signal, onProgress });
  isOver = true;
  turns?.stop();
  return ended;
}

/** Says in a line what an operation has come to. @param done `cancelled` */
export function tellEnd({ talk }: Pick<Invocation, 'talk'>, operation: OperationInfo, done: string): void {
  const { doneCount, totalCount, skippedCount, failedCount } = operation;
  const skipped = skippedCount > 0 ? `, skipped ${number(skippedCount)} whose state had changed` : '';
  const failed = failedCount > 0 ? `, ${number(failedCount)} failed` : '';
  const word = `${done.charAt(0).toUpperCase()}${done.slice(1)}`;
  talk(`${word} ${number(doneCount)} of ${tasks(totalCount)}${skipped}${failed}.`);
}

/** @throws CliError for one that did not do all it was to do */
export function requireSuccess({ operationId, state, failedCount, error }: OperationInfo): void {
  if (state === 'SUCCEEDED' && failedCount === 0) return;
  const message =
    state === 'SUCCEEDED'
      ? `${tasks(failedCount)} failed; the log of the coordinator has the causes`
      : `operation ${operationId} is ${state}${error ? `: ${error}` : ''}`;
  throw new CliError({
    code: `OPERATION_${state === 'SUCCEEDED' ? 'INCOMPLETE' : state}`,
    message,
    retryable: state === 'FAILED',
    hint: `See: reeve operation get ${operationId}`,
    exit: EXIT.failure,
  });
}
