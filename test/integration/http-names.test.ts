import { expect, test } from 'vitest';
import { debugOf, serveHttp } from '../api/support/http-world.js';

const COORDINATOR = '/reeve.v1.CoordinatorService';
const STATES = 'TASK_STATE_AWAITING_APPROVAL, TASK_STATE_BLOCKED, TASK_STATE_SCHEDULED, ';
const TIERS = 'must be one of TIER_CRITICAL, TIER_URGENT, TIER_HIGH, TIER_NORMAL, TIER_LOW';
const taskId = '01890a5d-ac96-774b-bcce-b302099a8057';

test.each([
  [
    `${COORDINATOR}/ListTasks`,
    { filter: { states: ['TASK_STATE_UNSPECIFIED'] } },
    'filter.states[0]',
    new RegExp(`^must be one of ${STATES}`),
  ],
  [`${COORDINATOR}/ListTasks`, { filter: { tiers: ['TIER_UNSPECIFIED'] } }, 'filter.tiers[0]', TIERS],
  [
    `${COORDINATOR}/ListTasks`,
    { filter: { sources: ['TASK_SOURCE_UNSPECIFIED'] } },
    'filter.sources[0]',
    'must be one of TASK_SOURCE_HUMAN, TASK_SOURCE_AUTOMATED, TASK_SOURCE_AGENT',
  ],
  [
    `${COORDINATOR}/BatchCancelTasks`,
    { filter: { states: ['TASK_STATE_SUCCEEDED'] } },
    'filter.states',
    new RegExp(`^TASK_STATE_SUCCEEDED: in it nothing would be done; possible are ${STATES}`),
  ],
  [
    '/reeve.v1.AgentService/UpdateAgentStatus',
    { agentId: 'a', status: 'AGENT_STATUS_STALE' },
    'status',
    'must be one of AGENT_STATUS_ACTIVE, AGENT_STATUS_INACTIVE, AGENT_STATUS_DRAINING',
  ],
  [
    `${COORDINATOR}/UpdateTask`,
    { taskId, task: {}, updateMask: 'kind' },
    'update_mask.paths[0]',
    'must be one of tier, labels, requirements, run_at (runAt in JSON), deadline',
  ],
])('%s with %j names what is taken as the door takes it', async (path, body, field, description) => {
  const { ask } = await serveHttp();
  const answer = await ask(path, { body });
  expect([answer.status, debugOf(answer).BadRequest?.fieldViolations]).toEqual([
    400,
    [
      expect.objectContaining({
        field,
        description: typeof description === 'string' ? description : expect.stringMatching(description),
      }),
    ],
  ]);
});
