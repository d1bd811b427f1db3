import { type Measured, type Result, resultOf } from '../measure.js';
import { type Goal, type Metric, PRODUCT, type Unit, verdictOn } from '../scenario.js';
import { figure, goalText } from './figure.js';

const WIDTH = 760;
const LEFT = 220;
const ROOM = 400;
const LINE = 22;
const HEAD = 34;
/** From so many times on between the least and the greatest, steps are of times instead of sums. */
const WIDE = 20;

/** The figures that have a goal: a dot a policy with its 95 % interval, the goal a dashed line, as SVG. */
export function picture(measured: Measured): string {
  const { scenario } = measured;
  const judged = scenario.metrics.filter(({ goal }) => goal);
  const block = HEAD + scenario.policies.length * LINE + 14;
  const height = 50 + judged.length * block;
  const title = escapeXml(`${scenario.id}: ${scenario.title}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">
<title>${title}</title>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="20" y="30" font-size="17" font-weight="600" fill="#1f2933">${title}</text>
${judged.map((metric, n) => drawMetric(measured, metric, 50 + n * block)).join('\n')}
</svg>
`;
}

function drawMetric(measured: Measured, metric: Metric, y: number): string {
  const results = measured.scenario.policies.map((policy) => resultOf(measured, metric.id, policy));
  const goals = metric.goal ? limitsOf(metric.goal) : [];
  const place = scaleOf([...results.map(({ estimate }) => estimate.mean), ...goals]);
  const bottom = y + HEAD + results.length * LINE;
  return [
    `<text x="20" y="${y + 20}" font-weight="600" fill="#1f2933">${escapeXml(metric.title)}</text>`,
    ...(metric.goal ? [goalOf(metric.goal, metric.unit, y + 20)] : []),
    ...goals.map((goal) => {
      const x = place(goal).toFixed(1);
      return `<line x1="${x}" x2="${x}" y1="${y + HEAD - 6}" y2="${bottom}" stroke="#52606d" stroke-dasharray="3 3"/>`;
    }),
    ...results.map((result, n) => drawResult(result, metric, place, y + HEAD + n * LINE)),
  ].join('\n');
}

function drawResult({ policy, estimate }: Result, { unit, goal }: Metric, place: Scale, y: number): string {
  const { mean, half } = estimate;
  const isProduct = policy === PRODUCT;
  const judged = goal && isProduct ? verdictOn(mean, goal) : undefined;
  const colour = judged === undefined ? '#829ab1' : judged === 'missed' ? '#c05621' : '#2f855a';
  const [low, x, high] = [mean - half, mean, mean + half].map((value) => place(value).toFixed(1));
  return [
    `<text x="36" y="${y + 12}" fill="#1f2933"${isProduct ? ' font-weight="600"' : ''}>${escapeXml(policy)}</text>`,
    `<line x1="${low}" x2="${high}" y1="${y + 8}" y2="${y + 8}" stroke="${colour}" stroke-width="2"/>`,
    `<circle cx="${x}" cy="${y + 8}" r="${isProduct ? 6 : 4.5}" fill="${colour}"/>`,
    `<text x="${LEFT + ROOM + 16}" y="${y + 12}" fill="#1f2933">${escapeXml(figure(mean, unit))}</text>`,
  ].join('\n');
}

function goalOf(goal: Goal, unit: Unit, y: number): string {
  const text = escapeXml(goalText(goal, unit));
  return `<text x="${WIDTH - 20}" y="${y}" text-anchor="end" fill="#52606d">${text}</text>`;
}

type Scale = (value: number) => number;

function scaleOf(values: readonly number[]): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isWide = least > 0 && most / least > WIDE;
  const map = isWide ? Math.log : (value: number) => value;
  const from = isWide ? Math.log(least) : Math.min(0, least);
  const span = map(most) - from || 1;
  return (value) => {
    const at = isWide && value <= 0 ? 0 : (map(value) - from) / span;
    return LEFT + ROOM * Math.min(1, Math.max(0, at));
  };
}

function limitsOf(goal: Goal): number[] {
  return goal.kind === 'around' ? [goal.value - goal.target, goal.value + goal.target] : [goal.target];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
