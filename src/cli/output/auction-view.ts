import type { BidderInfo, ExplainedBid } from '@reeve/sdk';
import { relativeTime } from './relative-time.js';
import { safeText } from './safe-text.js';
import { clip } from './table.js';
import type { View } from './view.js';

/** What was bid for a task. */
export const BID_VIEW: View<ExplainedBid> = {
  id: ({ agentId }) => agentId,
  version: ({ fate }) => fate,
  columns: [
    { title: 'bidder', value: ({ agentId }) => agentId },
    {
      title: 'bid',
      value: ({ fate, message }) => (message === '' ? fate : `${fate}: ${message}`),
      text: ({ fate, message }) => clip(safeText(message === '' ? fate : `${fate}: ${message}`), 60),
    },
    { title: 'price', value: ({ price }) => rounded(price) },
    { title: 'eta', value: ({ etaMs }) => seconds(etaMs) },
    { title: 'says', value: ({ confidence }) => rounded(confidence) },
    { title: 'taken for', value: ({ probability }) => rounded(probability) },
    { title: 'expected', value: ({ expectedEtaMs }) => seconds(expectedEtaMs) },
    { title: 'worth', value: ({ score }) => rounded(score) },
    { title: 'note', value: ({ note }) => note, text: ({ note }) => clip(safeText(note), 40) },
  ],
};

/** How agents have kept what they bid. */
export const BIDDER_VIEW: View<BidderInfo> = {
  id: ({ agentId, kind }) => `${kind}/${agentId}`,
  version: ({ updateTime }) => updateTime.toISOString(),
  columns: [
    { title: 'agent', value: ({ agentId }) => agentId, text: ({ agentId }) => agentId || 'all' },
    { title: 'kind', value: ({ kind }) => kind, text: ({ kind }) => kind || 'all' },
    { title: 'outcomes', value: ({ outcomes }) => rounded(outcomes) },
    { title: 'succeeds', value: ({ successRate }) => rounded(successRate) },
    { title: 'overconfident', value: ({ overconfidence }) => rounded(overconfidence) },
    { title: 'Brier said', value: ({ saidBrier }) => rounded(saidBrier) },
    { title: 'Brier', value: ({ brier }) => rounded(brier) },
    { title: 'calibration error', value: ({ calibrationError }) => rounded(calibrationError) },
    { title: 'time', value: ({ timeRatio }) => rounded(timeRatio) },
    {
      title: 'last',
      value: ({ updateTime }) => updateTime.toISOString(),
      text: ({ updateTime }, { now }) => relativeTime(updateTime, now),
    },
  ],
};

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toPrecision(3));
}

function seconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${Number((ms / 1_000).toPrecision(3))} s`;
}
