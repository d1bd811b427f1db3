import { agentStatusCommand } from '../agent-status.js';

export const AGENT_DEACTIVATE = agentStatusCommand({
  verb: 'deactivate',
  status: 'INACTIVE',
  summary: 'Give agents no more work until they are activated',
  examples: [{ line: 'reeve agent deactivate ID', doc: 'out of the rotation' }],
});
