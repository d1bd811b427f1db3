import type { TaskFilter, TaskInfo, TaskUpdate } from '@reeve/sdk';
import { BULK_ARGUMENT } from '../bulk/act-on-tasks.js';
import type { Command } from '../command.js';
import { usageError } from '../failure.js';
import type { Invocation } from '../invocation.js';
import { ProgressDisplay } from '../output/progress-display.js';
import { TASK_VIEW } from '../output/task-view.js';
import { idsFrom } from '../read-stream.js';
import { showFeed, type Told } from '../show-feed.js';
import { TASK_STATES } from '../states.js';
import { FILTER_RULE, filterFrom, filterOptions } from '../task-filter.js';

export const TASK_WATCH: Command = {
  path: ['task', 'watch'],
  summary: 'Follow tasks: those named until they have ended, or all that a filter chooses',
  detail: `Of named tasks a bar each on a terminal, otherwise a line for each change. Exit code 0 however they end: \`task wait\` is for scripts. With a filter it goes on until it is stopped: those that have not ended, then whatever comes, changes or is not chosen any more; on a terminal a table of the newest. ${FILTER_RULE}`,
  args: [BULK_ARGUMENT],
  options: [...filterOptions(TASK_STATES), { name: 'all', doc: 'all tasks, instead of a filter' }],
  examples: [
    { line: 'reeve task watch ID', doc: 'with a bar' },
    { line: 'reeve task list --state running -o name | reeve task watch -', doc: 'all that run' },
    { line: 'reeve task watch ID -o jsonl', doc: 'every change as a line of JSON' },
    { line: 'reeve task watch --kind crawl --label team=docs', doc: 'all of these, those to come too' },
  ],
  run: async (invocation) => {
    const { given, world, out, signal } = invocation;
    const filter = filterFrom(given);
    const isFiltered = Object.keys(filter).length > 0 || given.switched('all') === true;
    if (isFiltered && given.args.length > 0) throw usageError('ids and a filter exclude each other');
    if (isFiltered) return watchFiltered(invocation, filter);
    if (given.args.length === 0) {
      throw usageError(
        'which tasks? Neither an id nor a filter was given',
        `Name them, choose them with --state, --kind, --label or --parent, or say --all. See: ${invocation.asked.command} --help`,
      );
    }
    const ids = await idsFrom(given.args, world.stdin);
    if (ids.length === 0) return 0;
    invocation.beginWaiting('Leave --timeout out to watch until the end.');
    const bars = out.live ? new ProgressDisplay(world.stdout) : undefined;
    if (bars) invocation.onEnd(() => bars.stop());
    const seen = new Map<string, string>();
    for await (const task of invocation.client().watch(ids, { signal })) {
      if (bars) bars.show(task, out.scene);
      else if (seen.get(task.taskId) !== TASK_VIEW.version(task)) await out.next(TASK_VIEW, task);
      seen.set(task.taskId, TASK_VIEW.version(task));
    }
    return 0;
  },
};

function watchFiltered(invocation: Invocation, filter: TaskFilter): Promise<number> {
  const { signal, talk } = invocation;
  invocation.beginWaiting('Leave --timeout out to watch without end.');
  async function* told(updates: AsyncIterable<TaskUpdate>): AsyncGenerator<Told<TaskInfo>> {
    for await (const update of updates) {
      if (update.type === 'SNAPSHOT') {
        if (update.truncated)
          talk(`There are more than ${update.tasks.length}: older ones show when they change.`);
        yield { all: update.tasks };
      } else if (update.type === 'CHANGED') yield { item: update.task, left: false };
      else yield update.task ? { item: update.task, left: true } : { goneId: update.taskId };
    }
  }
  return showFeed(invocation, {
    view: TASK_VIEW,
    told: told(invocation.client().watch({ filter }, { signal })),
    none: 'No tasks yet.',
    // Ids rise with time: the newest first.
    order: (a, b) => (a < b ? 1 : -1),
  });
}
