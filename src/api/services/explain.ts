import type { CoordinatorService } from '@reeve/sdk/protocol';
import { taskNotFound } from '../../domain/errors.js';
import { explain } from '../../domain/explain/explain-task.js';
import type { Handlers } from '../call.js';
import { toProtoExplanation } from '../mapping/explanation.js';
import type { Context } from './context.js';
import { readFacts } from './explain-facts.js';

const DEFAULT_CANDIDATES = 20;

export function explainHandlers({
  ports,
  bulk,
  planTries,
}: Context): Pick<Handlers<typeof CoordinatorService>, 'explainTask'> {
  return {
    async explainTask({ org }, { taskId, maxCandidates }) {
      const id = taskId.toLowerCase();
      const [task] = await ports.record.getTasks(org, [id], 'RESULT');
      if (!task) throw taskNotFound(id);
      const facts = await readFacts(
        { ...ports, queues: bulk.queues, planTries },
        task,
        maxCandidates || DEFAULT_CANDIDATES,
      );
      const { version } = ports.orgRules.known(org);
      return { explanation: toProtoExplanation(task, explain(facts), version, facts.now) };
    },
  };
}
