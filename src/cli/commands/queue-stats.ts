import type { Command } from '../command.js';
import { usageError } from '../failure.js';
import { INTERVAL, WATCH } from '../globals.js';
import { LANE_VIEW, PAUSE_VIEW, partText, TIER_VIEW } from '../output/queue-view.js';
import { PART_OPTIONS, partFrom } from '../queue-part.js';
import { showList } from '../show.js';

export const QUEUE_STATS: Command = {
  path: ['queue', 'stats'],
  summary: 'Show what waits, for how long, and how fast it moves',
  detail:
    'By tier; with --lanes by kind, tier and requirements, the longest first; with --pauses what is paused. Rates are tasks a second over the last minute.',
  options: [
    ...PART_OPTIONS,
    { name: 'lanes', doc: 'by kind, tier and requirements' },
    { name: 'pauses', doc: 'what is paused, by whom and why' },
    WATCH,
    INTERVAL,
  ],
  examples: [
    { line: 'reeve queue stats', doc: 'the tiers' },
    { line: 'reeve queue stats --lanes --tier urgent', doc: 'what exactly is stuck' },
    { line: 'reeve queue stats --watch', doc: 'as it changes' },
  ],
  run: async (invocation) => {
    const { given, talk, out } = invocation;
    const part = partFrom(given);
    const stats = () => invocation.client().queue.stats(part);
    const [lanes, pauses] = [given.switched('lanes') ?? false, given.switched('pauses') ?? false];
    if (lanes && pauses) throw usageError('--lanes and --pauses exclude each other');
    if (lanes) {
      const load = async () => (await stats()).lanes;
      return showList(invocation, { view: LANE_VIEW, load, none: 'Nothing waits.' });
    }
    if (pauses) {
      const load = async () => (await stats()).pauses;
      return showList(invocation, { view: PAUSE_VIEW, load, none: 'Nothing is paused.' });
    }
    const load = async () => {
      const { tiers, pauses: paused } = await stats();
      if (out.format === 'table' && !given.switched('watch')) {
        for (const { part: p } of paused.slice(0, 10)) talk(`Paused: ${partText(p)}`);
      }
      return part.tier ? tiers.filter(({ tier }) => tier === part.tier) : tiers;
    };
    return showList(invocation, { view: TIER_VIEW, load, none: 'No tiers.' });
  },
};
