import { ReeveError } from '@reeve/sdk';
import { EXIT } from '../exit-codes.js';
import { explain, type Failure } from '../failure.js';
import type { Invocation } from '../invocation.js';
import type { Outcome } from '../output/outcome-view.js';
import type { TaskVerb } from './task-verb.js';

const AT_ONCE = 32;

export interface Attempt {
  readonly outcome: Outcome;
  readonly failure?: Failure;
}

/**
 * Does it to each task, 32 at a time, and tells what became of each, in the order of the
 * ids. One that fails keeps no other from its turn, unless the coordinator cannot be
 * reached any more: then the rest fails untried.
 */
export async function actOnAll(
  { asked, signal }: Invocation,
  ids: readonly string[],
  act: TaskVerb['act'],
): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  let next = 0;
  let lost: Failure | undefined;

  const attempt = async (taskId: string): Promise<Attempt> => {
    if (lost) return failed(taskId, { ...lost, code: 'NOT_TRIED', message: `not tried: ${lost.message}` });
    try {
      const { state } = await act(taskId);
      return { outcome: { taskId, ok: true, state } };
    } catch (error) {
      const failure = explain(error, asked);
      if (failure.exit === EXIT.unreachable) lost ??= failure;
      const state = error instanceof ReeveError ? error.metadata.state : undefined;
      return failed(taskId, failure, state);
    }
  };
  const worker = async () => {
    while (next < ids.length && !signal.aborted) {
      const at = next++;
      attempts[at] = await attempt(ids[at] ?? '');
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, worker));
  return attempts;
}

function failed(taskId: string, failure: Failure, state?: string): Attempt {
  const { code, message, retryable } = failure;
  const outcome = { taskId, ok: false, ...(state && { state }), error: { code, message, retryable } };
  return { outcome, failure };
}
