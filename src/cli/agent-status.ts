import type { Command } from './command.js';
import { AGENT_VIEW } from './output/agent-view.js';
import { showEach } from './show.js';

/** A command that says whether agents are to get work. */
export function agentStatusCommand(
  about: Pick<Command, 'summary' | 'detail' | 'examples'> & {
    readonly verb: string;
    readonly status: 'ACTIVE' | 'INACTIVE' | 'DRAINING';
  },
): Command {
  const { verb, status, ...rest } = about;
  return {
    ...rest,
    path: ['agent', verb],
    args: [{ name: 'ID', doc: 'agent', many: true, complete: 'agent' }],
    run: async (invocation) => {
      const ids = [...new Set(invocation.given.args)];
      return showEach(invocation, AGENT_VIEW, ids, (id) => invocation.client().agents.setStatus(id, status));
    },
  };
}
