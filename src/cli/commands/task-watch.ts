import type { Command } from '../command.js';
import { ProgressDisplay } from '../output/progress-display.js';
import { TASK_VIEW } from '../output/task-view.js';
import { idsFrom } from '../read-stream.js';

export const TASK_WATCH: Command = {
  path: ['task', 'watch'],
  summary: 'Follow tasks until they have ended',
  detail:
    'On a terminal a bar for each task, otherwise a line for each change. Exit code 0 however they end: `task wait` is for scripts.',
  args: [{ name: 'ID', doc: 'task, or - for ids from standard input', many: true, complete: 'task' }],
  examples: [
    { line: 'reeve task watch ID', doc: 'with a bar' },
    { line: 'reeve task list --state running -o name | reeve task watch -', doc: 'all that run' },
    { line: 'reeve task watch ID -o jsonl', doc: 'every change as a line of JSON' },
  ],
  run: async (invocation) => {
    const { given, world, out, signal } = invocation;
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
