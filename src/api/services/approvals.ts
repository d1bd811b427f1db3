import { ApprovalVerdictSchema, type CoordinatorService, PayloadView } from '@reeve/sdk/protocol';
import { invalidArgument } from '../../domain/errors.js';
import type { Approval } from '../../domain/tasks/admission.js';
import type { ApprovalQuery } from '../../ports/task-decisions.js';
import { decideTask } from '../../usecases/decide-task.js';
import type { Handlers } from '../call.js';
import { toDomainVerdict, toProtoApproval } from '../mapping/approval.js';
import { mustBeOneOf } from '../mapping/enum-names.js';
import { toProtoTask } from '../mapping/task.js';
import { CURSORS, cursorOf, pageTokenOf } from '../page-token.js';
import { type Context, taskMapping } from './context.js';

const DEFAULT_PAGE = 100;

export function approvalHandlers(
  context: Context,
): Pick<Handlers<typeof CoordinatorService>, 'decideTask' | 'listApprovals'> {
  const { record } = context.ports;
  const decide = decideTask(context.ports);

  return {
    async decideTask(principal, { taskId, verdict: said, reason }, call) {
      const verdict = toDomainVerdict(said);
      if (!verdict) {
        const description = mustBeOneOf(ApprovalVerdictSchema, ['APPROVE', 'REJECT']);
        throw invalidArgument([{ field: 'verdict', description }]);
      }
      const task = await decide(principal, { taskId: taskId.toLowerCase(), verdict, reason });
      return { task: toProtoTask(task, taskMapping(context, call, PayloadView.DATA)) };
    },

    async listApprovals({ org }, { all, pageSize, pageToken }) {
      const limit = pageSize || DEFAULT_PAGE;
      const question = ['approvals', org, all];
      const after = placeOf(cursorOf(question, pageToken, CURSORS.TIME_AND_ID));
      const approvals = await record.listApprovals({ org, all, after, limit });
      const last = approvals.at(-1);
      return {
        approvals: approvals.map(toProtoApproval),
        nextPageToken: approvals.length === limit && last ? pageTokenOf(question, cursorAt(last)) : '',
      };
    },
  };
}

function cursorAt({ dueTime, taskId }: Approval): string {
  return `${dueTime} ${taskId}`;
}

function placeOf(cursor: string | null): ApprovalQuery['after'] {
  if (cursor === null) return null;
  const [time = '', taskId = ''] = cursor.split(' ');
  return { time: Number(time), taskId };
}
