import type { Command } from '../command.js';
import { PAUSE_VIEW } from '../output/queue-view.js';
import { chosenPart, PART_OPTIONS, WHOLE } from '../queue-part.js';

export const QUEUE_PAUSE: Command = {
  path: ['queue', 'pause'],
  summary: 'Give no more tasks of a part of the queue to agents',
  detail:
    'Until reeve queue resume with the same part, through restarts too. Agents finish what they have; submissions are accepted and wait. A part that is paused already stays as it is.',
  options: [...PART_OPTIONS, WHOLE, { name: 'reason', value: 'TEXT', doc: 'why, for people' }],
  examples: [
    { line: 'reeve queue pause --kind crawl --reason "the site is down"', doc: 'one kind' },
    { line: 'reeve queue pause --all', doc: 'everything' },
  ],
  run: async (invocation) => {
    const { given, out } = invocation;
    const reason = given.text('reason') ?? '';
    await out.one(PAUSE_VIEW, await invocation.client().queue.pause(chosenPart(given), { reason }));
    return 0;
  },
};
