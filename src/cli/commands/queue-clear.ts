import { requireSomebody } from '../bulk/act-on-filtered.js';
import { confirm } from '../bulk/confirm.js';
import { tasks } from '../bulk/preview.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { followOperation, requireSuccess, tellEnd } from '../operations/follow-operation.js';
import { countsText, OPERATION_VIEW } from '../output/operation-view.js';
import { partText } from '../output/queue-view.js';
import { chosenPart, PART_OPTIONS, WHOLE } from '../queue-part.js';

export const QUEUE_CLEAR: Command = {
  path: ['queue', 'clear'],
  summary: 'Cancel what waits in a part of the queue',
  detail:
    'Counts, asks, and without a terminal wants --yes. From then until the end no task of the part is given to an agent; agents finish what they have. The coordinator does it as an operation, which goes on if this command is ended.',
  options: [
    ...PART_OPTIONS,
    WHOLE,
    { name: 'delayed', doc: 'also tasks that wait for their time: a --run-at, or the next attempt' },
    { name: 'reason', value: 'TEXT', doc: 'why, for the audit trails' },
    { name: 'dry-run', doc: 'only count' },
    { name: 'yes', short: 'y', doc: 'do it without asking' },
  ],
  examples: [
    { line: 'reeve queue clear --tier low', doc: 'after a look and a question' },
    { line: 'reeve queue clear --kind crawl --dry-run', doc: 'only count' },
    { line: 'reeve queue clear --all --delayed --yes', doc: 'in a script' },
  ],
  run: async (invocation) => {
    const { given, out, talk, client, signal } = invocation;
    const part = chosenPart(given);
    const reason = given.text('reason') ?? '';
    const includeDelayed = given.switched('delayed') ?? false;
    const isDry = given.switched('dry-run') ?? false;
    const isSure = isDry || (given.switched('yes') ?? false);
    requireSomebody(invocation, isSure);
    const { queue, operations } = client();
    if (!isSure || isDry) {
      const begun = await queue.clear(part, { includeDelayed, reason, dryRun: true });
      const count = await operations.wait(begun.operationId, { signal });
      requireSuccess(count);
      const line = `${tasks(count.totalCount)} to cancel: ${countsText(count.kindCounts) || partText(part)}`;
      if (isDry && out.format === 'table') await out.text(`${line}\n`);
      else talk(line);
      if (isDry) {
        if (out.format !== 'table') await out.one(OPERATION_VIEW, count);
        return EXIT.ok;
      }
      if (count.totalCount === 0) return EXIT.ok;
      if (!(await confirm(invocation, `Clear ${partText(part)}?`))) {
        talk('Nothing was changed.');
        return EXIT.failure;
      }
    }
    const ended = await followOperation(invocation, await queue.clear(part, { includeDelayed, reason }));
    if (out.format !== 'table') await out.one(OPERATION_VIEW, ended);
    tellEnd(invocation, ended, 'cancelled');
    requireSuccess(ended);
    return EXIT.ok;
  },
};
