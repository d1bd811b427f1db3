import { type Measured, type Result, resultOf } from '../measure.js';
import { type Metric, PRODUCT, verdictOn } from '../scenario.js';
import { isSure } from '../statistics.js';
import { change, figure, goalText, withHalf } from './figure.js';

/** A scenario's figures in Markdown: a metric a line, a policy a column. */
export function table(measured: Measured): string {
  const { metrics, policies } = measured.scenario;
  const lines = metrics.map((metric) => [
    metric.title,
    ...policies.map((policy) => cell(resultOf(measured, metric.id, policy), metric)),
    metric.goal ? goalText(metric.goal, metric.unit) : '',
    verdict(measured, metric),
  ]);
  const head = ['', ...policies, 'target (stretch)', ''];
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function cell({ policy, estimate, difference }: Result, { unit }: Metric): string {
  if (policy === PRODUCT || !difference) return `**${withHalf(estimate, unit)}**`;
  const how = isSure(difference) ? change(difference, unit) : '≈';
  return `${figure(estimate.mean, unit)} (${how})`;
}

function verdict(measured: Measured, { id, goal }: Metric): string {
  if (!goal) return '';
  return verdictOn(resultOf(measured, id).estimate.mean, goal);
}
