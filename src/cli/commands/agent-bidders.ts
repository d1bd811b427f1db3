import type { Command } from '../command.js';
import { BIDDER_VIEW } from '../output/auction-view.js';
import { showList, take } from '../show.js';

export const AGENT_BIDDERS: Command = {
  path: ['agent', 'bidders'],
  summary: 'Show how agents have kept what they bid in auctions',
  detail:
    'By kind of task, and over all. A Brier score of 0 is perfect, 0.25 is what a coin gets; time is real ÷ said.',
  options: [
    { name: 'agent', value: 'AGENT', doc: 'only this one', complete: 'agent' },
    { name: 'kind', value: 'KIND', doc: 'only at this kind of task' },
  ],
  examples: [
    { line: 'reeve agent bidders', doc: 'all of them' },
    { line: 'reeve agent bidders --agent AGENT', doc: 'one, by kind' },
  ],
  run: async (invocation) => {
    const { given } = invocation;
    const agentId = given.text('agent');
    const kind = given.text('kind');
    const query = { ...(agentId && { agentId }), ...(kind && { kind }) };
    const load = async () => (await take(invocation.client().agents.bidders(query), 0)).taken;
    const none = 'No bid has come out yet. Tasks are auctioned with agent_resolution_strategy auction.';
    return showList(invocation, { view: BIDDER_VIEW, load, none });
  },
};
