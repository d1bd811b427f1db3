import type { Command } from '../command.js';
import { idsFrom } from '../read-stream.js';
import { followToTheEnd, GOALS, type Goal, isSatisfied, showEnds } from '../wait-for.js';

export const TASK_WAIT: Command = {
  path: ['task', 'wait'],
  summary: 'Wait until tasks have come as far as you want',
  detail:
    'Exit code 0 when all of them have, 6 when one has ended otherwise, 124 when --timeout passes first. Prints the tasks.',
  args: [{ name: 'ID', doc: 'task, or - for ids from standard input', many: true, complete: 'task' }],
  options: [{ name: 'for', value: 'GOAL', doc: 'what to wait for', choices: GOALS, default: 'succeeded' }],
  examples: [
    { line: 'reeve task wait ID --timeout 5m', doc: 'until it has succeeded' },
    { line: 'reeve task wait ID --for=ended', doc: 'however it ends' },
    { line: 'reeve task wait ID --for=running', doc: 'until an agent works on it' },
  ],
  run: async (invocation) => {
    const { given, world } = invocation;
    const goal = (given.text('for') ?? 'succeeded') as Goal;
    const ids = await idsFrom(given.args, world.stdin);
    if (ids.length === 0) return 0;
    invocation.beginWaiting(`The tasks go on. Wait longer: reeve task wait ${ids[0]} --timeout 10m`);
    const tasks = await followToTheEnd(invocation, ids, isSatisfied[goal]);
    return showEnds(invocation, tasks, goal);
  },
};
