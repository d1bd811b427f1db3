import type { Command } from '../command.js';
import { EXPLANATION_VIEW, explanationPage } from '../output/explanation-view.js';
import { showEach } from '../show.js';

export const EXPLAIN: Command = {
  path: ['explain'],
  summary: 'Say why a task is where it is, and what would change that',
  detail:
    'What keeps it from starting and what would end that; its place in the order; who may get it; why its agent was chosen; what policies said.',
  args: [{ name: 'ID', doc: 'task', many: true, complete: 'task' }],
  options: [
    { name: 'candidates', value: 'N', doc: 'how many agents are told of, at most 1,000', default: '20' },
  ],
  examples: [
    { line: 'reeve explain ID', doc: 'for reading' },
    { line: "reeve explain ID -o json | jq '.blockers[].change'", doc: 'what would help' },
  ],
  run: async (invocation) => {
    const { given, out } = invocation;
    const client = invocation.client();
    const maxCandidates = given.count('candidates', { min: 1, max: 1_000 }) ?? 20;
    const ids = [...new Set(given.args)];
    const load = (id: string) => client.explain(id, { maxCandidates });
    if (out.format !== 'table') return showEach(invocation, EXPLANATION_VIEW, ids, load);
    const pages = await Promise.all(ids.map(load));
    await out.text(pages.map((page) => explanationPage(page, out.scene)).join('\n'));
    return 0;
  },
};
