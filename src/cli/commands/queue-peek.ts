import type { Command } from '../command.js';
import { INTERVAL, WATCH } from '../globals.js';
import { QUEUED_VIEW } from '../output/queue-view.js';
import { PART_OPTIONS, partFrom } from '../queue-part.js';
import { showList } from '../show.js';

export const QUEUE_PEEK: Command = {
  path: ['queue', 'peek'],
  summary: 'Show the next tasks in the order in which they will be claimed',
  options: [
    ...PART_OPTIONS,
    { name: 'limit', value: 'N', doc: 'at most so many, from 1 to 100', default: '10' },
    WATCH,
    INTERVAL,
  ],
  examples: [
    { line: 'reeve queue peek', doc: 'what comes next' },
    { line: 'reeve queue peek --kind crawl --limit 100 -o name', doc: 'as ids' },
  ],
  run: async (invocation) => {
    const { given } = invocation;
    const limit = given.count('limit', { min: 1, max: 100 });
    const options = { ...partFrom(given), ...(limit !== undefined && { limit }) };
    const load = () => invocation.client().queue.peek(options);
    return showList(invocation, { view: QUEUED_VIEW, load, none: 'Nothing waits.' });
  },
};
