import type { WorkflowService } from '@reeve/sdk/protocol';
import { isOver } from '../../../domain/workflows/workflow.js';
import { workflowNotFound } from '../../../usecases/workflows/errors.js';
import type { Handlers } from '../../call.js';
import { linkSignals } from '../../link-signals.js';
import { msOf } from '../../mapping/time.js';
import { toProtoSnapshot, toProtoWorkflowEvent } from '../../mapping/workflow.js';
import { type Context, shuttingDown } from '../context.js';

const MAX_WAIT_MS = 20_000;

export function workflowFollowHandlers({
  ports,
  workflows,
  closing,
}: Context): Pick<Handlers<typeof WorkflowService>, 'waitWorkflow' | 'watchWorkflow'> {
  const { watchers, loaded } = workflows;

  return {
    async waitWorkflow({ org }, request, call) {
      const key = { org, workflowId: request.workflowId.toLowerCase() };
      const timeUp = new AbortController();
      const stopTimer = ports.clock.after(msOf(request.maxWait) ?? MAX_WAIT_MS, () => timeUp.abort());
      const linked = linkSignals([call.signal, closing, timeUp.signal]);
      try {
        const snapshot = await watchers.untilOver(key, linked.signal);
        if (!snapshot) throw workflowNotFound(key.workflowId);
        const { plan } = await loaded.load(key);
        const isClosing = closing.aborted && !call.signal.aborted && !timeUp.signal.aborted;
        if (isClosing && !isOver(snapshot.workflow.state)) throw shuttingDown();
        return { workflow: toProtoSnapshot(snapshot, plan) };
      } finally {
        stopTimer();
        linked.release();
      }
    },

    async *watchWorkflow({ org }, request, call) {
      const key = { org, workflowId: request.workflowId.toLowerCase() };
      if (!(await ports.workflows.get(key))) throw workflowNotFound(key.workflowId);
      const { plan } = await loaded.load(key);
      const afterSeq = request.afterSeq === undefined ? null : Number(request.afterSeq);
      const linked = linkSignals([call.signal, closing]);
      let over = false;
      try {
        for await (const step of watchers.watch(key, afterSeq, linked.signal)) {
          if (step === 'GONE') throw workflowNotFound(key.workflowId);
          if (step === 'SIGN_OF_LIFE') {
            yield {};
            continue;
          }
          over = isOver(step.snapshot.workflow.state);
          yield {
            workflow: toProtoSnapshot(step.snapshot, plan),
            events: step.events.map((event) => toProtoWorkflowEvent(event, plan)),
          };
        }
      } finally {
        linked.release();
      }
      if (!over && closing.aborted && !call.signal.aborted) throw shuttingDown();
    },
  };
}
