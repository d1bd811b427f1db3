import { agentStatusCommand } from '../agent-status.js';

export const AGENT_DRAIN = agentStatusCommand({
  verb: 'drain',
  status: 'DRAINING',
  summary: 'Give agents no more work, and let them finish what they have',
  detail: 'They stay DRAINING until reeve agent activate. Prints the agents.',
  examples: [
    { line: 'reeve agent drain ID', doc: 'before its machine is serviced' },
    { line: 'reeve agent get ID --watch', doc: 'until its load is 0' },
  ],
});
