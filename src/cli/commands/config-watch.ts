import type { ParameterInfo } from '@reeve/sdk';
import type { Command } from '../command.js';
import { PARAMETER_CHANGE_VIEW, PARAMETER_VIEW } from '../output/config-view.js';

export const CONFIG_WATCH: Command = {
  path: ['config', 'watch'],
  summary: 'Follow the parameters of the organisation',
  detail:
    'First those that are set, then each that is set or deleted, whoever does it: a list that is redrawn on a terminal, else a line for each change.',
  options: [{ name: 'prefix', value: 'TEXT', doc: 'only keys that begin with this', complete: 'parameter' }],
  examples: [{ line: 'reeve config watch -o jsonl', doc: 'for a program' }],
  run: async (invocation) => {
    const { given, out, signal } = invocation;
    invocation.beginWaiting('Leave --timeout out to watch without end.');
    const told = invocation.client().config.watch({ prefix: given.text('prefix') ?? '' }, { signal });
    let known = new Map<string, ParameterInfo>();
    for await (const update of told) {
      const before = known;
      if (update.type === 'SNAPSHOT') known = new Map(update.parameters.map((p) => [p.key, p]));
      else if (update.type === 'SET') known.set(update.parameter.key, update.parameter);
      else known.delete(update.key);
      if (out.live) {
        const sorted = [...known.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
        await out.redrawMany(PARAMETER_VIEW, sorted, 'Nothing is set.');
        continue;
      }
      const gone = update.type === 'SNAPSHOT' ? [...before.keys()].filter((key) => !known.has(key)) : [];
      if (update.type === 'DELETED') gone.push(update.key);
      for (const key of gone) await out.next(PARAMETER_CHANGE_VIEW, { change: 'DELETED', key });
      const set =
        update.type === 'SNAPSHOT' ? update.parameters : update.type === 'SET' ? [update.parameter] : [];
      for (const parameter of set) {
        const isNews = update.type === 'SET' || before.get(parameter.key)?.etag !== parameter.etag;
        if (isNews) await out.next(PARAMETER_CHANGE_VIEW, { change: 'SET', ...parameter });
      }
    }
    return 0;
  },
};
