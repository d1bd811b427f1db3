import type { WorkflowFigures } from '../workflows.js';
import type { Reported } from './report.js';
import { atLeast, atMost, type Row, row } from './rows.js';

/** The size that the targets are for; with ten times as many memory is not to grow. */
const TARGET_SIZE = 10_000;

export function reportWorkflows(figures: WorkflowFigures): Reported {
  const { plainPerSecond, fanOuts, chainStepMs, plainStepMs } = figures;
  const small = fanOuts.find(({ size }) => size === TARGET_SIZE);
  return {
    tables: [],
    rows: [
      row('plain tasks end to end', plainPerSecond, '/s'),
      ...fanOuts.flatMap((one): readonly Row[] => {
        const isTarget = one === small;
        return [
          row(`one becomes ${one.size.toLocaleString('en-US')}: end to end`, one.tasksPerSecond, '/s'),
          row('  of plain tasks', one.shareOfPlain, '×', isTarget ? atLeast(0.6) : null),
          row('  processor time a task', one.cpuMicrosPerTask, 'µs'),
          row('  of plain tasks', one.cpuOfPlain, '×'),
          row('  call → first agent', one.firstDispatchMs, 'ms', isTarget ? atMost(1_000) : null),
          row('  last result → its end', one.mergedMs, 'ms'),
          row('  results in its output', one.merged, '', atLeast(one.size)),
          row('  memory above what it was', one.peakMib, 'MiB'),
        ];
      }),
      row('a step of a chain', chainStepMs, 'ms'),
      row('  of plain tasks', plainStepMs, 'ms'),
      row('  what a workflow adds', chainStepMs - plainStepMs, 'ms', atMost(5)),
    ],
    json: { systems: [{ name: 'reeve', ...figures }] },
  };
}
