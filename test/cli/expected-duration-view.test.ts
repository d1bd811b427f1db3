import type { ExplainedPlace, ExplanationInfo, LaneStats } from '@reeve/sdk';
import { expect, test } from 'vitest';
import { colorsFor } from '../../src/cli/output/colors.js';
import { explanationPage } from '../../src/cli/output/explanation-view.js';
import { LANE_VIEW } from '../../src/cli/output/queue-view.js';
import { table } from '../../src/cli/output/table.js';

const scene = { now: 0, colors: colorsFor(false) };

function pageOf(more: Partial<ExplainedPlace>): string {
  const place: ExplainedPlace = {
    ...{ position: 1, ahead: 0, score: 0, overtakenAtMostMs: 0, headStartMs: 0, durationTermMs: 0 },
    ...more,
  };
  const explanation: ExplanationInfo = {
    ...{ taskId: 't', state: 'QUEUED', text: 'It is QUEUED.', blockers: [], candidates: [], agentCount: 0 },
    ...{ decisions: [], stateVersion: '1/0', createTime: new Date(0), place },
  };
  return explanationPage(explanation, scene);
}

test('an explanation tells how long the task is expected to take, and how far its kind stands back', () => {
  const page = pageOf({ expectedDurationMs: 45_000, durationTermMs: 360_000 });
  expect(page).toMatch(/^Takes +about 45s, which puts its kind back by 6m$/m);
  expect(pageOf({ expectedDurationMs: 45_000 })).toMatch(/^Takes +about 45s$/m);
  expect(pageOf({})).not.toContain('Takes');
});

test('a lane tells how long its tasks are expected to take, and nothing where nobody knows', () => {
  const lane = (kind: string, more: Partial<LaneStats>): LaneStats => ({
    ...{ kind, tier: 'NORMAL', requirements: {}, waiting: 1, reserved: 0, eligibleInstances: 0 },
    ...{ freeInstances: 0, held: false, oldestWaitMs: 3_000 },
    ...more,
  });
  const lanes = [lane('known', { expectedDurationMs: 45_000 }), lane('unknown', {})];
  const shown = table(LANE_VIEW, lanes, scene, '')
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/));
  const at = shown[0]?.indexOf('TAKES') ?? -1;
  expect(shown[1]?.[at]).toBe('45s');
  expect(shown[2]).not.toContain('45s');
});
