import { agentStatusCommand } from '../agent-status.js';

export const AGENT_ACTIVATE = agentStatusCommand({
  verb: 'activate',
  status: 'ACTIVE',
  summary: 'Give agents work again',
  examples: [{ line: 'reeve agent activate ID', doc: 'after a drain' }],
});
