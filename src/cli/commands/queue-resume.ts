import type { Command } from '../command.js';
import { PAUSE_VIEW, partText } from '../output/queue-view.js';
import { chosenPart, PART_OPTIONS, WHOLE } from '../queue-part.js';

export const QUEUE_RESUME: Command = {
  path: ['queue', 'resume'],
  summary: 'End a pause',
  detail: 'Of exactly this part; other pauses that cover it stay. Prints the pauses that have ended.',
  options: [...PART_OPTIONS, WHOLE],
  examples: [
    { line: 'reeve queue resume --kind crawl', doc: 'one kind' },
    { line: 'reeve queue stats --pauses', doc: 'what is still paused' },
  ],
  run: async (invocation) => {
    const part = chosenPart(invocation.given);
    const ended = await invocation.client().queue.resume(part);
    const none = `${partText(part)} was not paused.`;
    await invocation.out.many(PAUSE_VIEW, ended ? [ended] : [], none);
    return 0;
  },
};
