import type { Command } from '../command.js';
import { usageError } from '../failure.js';
import { WATCH } from '../globals.js';
import { TASK_VIEW } from '../output/task-view.js';
import { showEach } from '../show.js';

export const TASK_GET: Command = {
  path: ['task', 'get'],
  summary: 'Show tasks with input and output',
  detail: 'One id gives one object, several give a list.',
  args: [{ name: 'ID', doc: 'task', many: true, complete: 'task' }],
  options: [{ name: 'checkpoint', doc: 'with what an attempt has left for the next one' }, WATCH],
  examples: [
    { line: 'reeve task get ID', doc: 'for reading' },
    { line: 'reeve task get ID -o json | jq .output', doc: 'only its output' },
    {
      line: 'reeve task get ID --checkpoint -o json | jq .checkpoint',
      doc: 'where the next attempt goes on',
    },
    { line: 'reeve task get ID --watch', doc: 'until it has ended' },
  ],
  run: async (invocation) => {
    const { given, out, signal } = invocation;
    const client = invocation.client();
    const ids = [...new Set(given.args)];
    const checkpoint = given.switched('checkpoint') ?? false;
    if (checkpoint && given.switched('watch'))
      throw usageError('--checkpoint and --watch exclude each other');
    if (!given.switched('watch')) {
      return showEach(invocation, TASK_VIEW, ids, (id) => client.get(id, { checkpoint }));
    }
    invocation.beginWaiting('Leave --timeout out to watch until the end.');
    for await (const task of client.watch(ids, { signal })) {
      if (out.live && ids.length === 1) await out.redrawOne(TASK_VIEW, task);
      else await out.next(TASK_VIEW, task);
    }
    return 0;
  },
};
