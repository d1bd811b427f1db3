import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// What the example workflows have to come to, found from their files in other ways than their handlers find it.

export const DATA = fileURLToPath(new URL('../../../examples/workflows/data', import.meta.url));

const read = (name: string) => readFileSync(`${DATA}/${name}`, 'utf8');
const namesIn = (folder: string) => readdirSync(`${DATA}/${folder}`).sort();

/** Of the letters: how many, their words, the five longest-lived of them, and a key sentence of each. */
export function expectedDigest() {
  const files = namesIn('letters');
  const splitUp = (text: string) => text.split(/[^A-Za-z'-]+/).filter((word) => /[A-Za-z]/.test(word));
  const texts = files.map((file) => read(`letters/${file}`));
  const tally = (words: readonly string[]) => {
    const counts: Record<string, number> = {};
    for (const word of words.map((w) => w.toLowerCase()).filter((w) => w.length > 4)) {
      counts[word] = (counts[word] ?? 0) + 1;
    }
    return counts;
  };
  const frequent = Object.entries(tally(texts.flatMap(splitUp)))
    .map(([word, count]) => ({ word, count }))
    .sort((a, b) => b.count - a.count || a.word.localeCompare(b.word, 'en'))
    .slice(0, 5);
  const summary = texts.map((text, i) => {
    const counts = tally(splitUp(text));
    let best = { key_sentence: '', weight: -1 };
    for (const [sentence] of text
      .replaceAll('\n', ' ')
      .replace(/ {2,}/g, ' ')
      .matchAll(/[^.!?]+[.!?]/g)) {
      const words = splitUp(sentence);
      let weight = 0;
      for (const word of words) weight += counts[word.toLowerCase()] ?? 0;
      weight /= words.length;
      if (weight > best.weight) best = { key_sentence: sentence.trim(), weight };
    }
    return { file: files[i], key_sentence: best.key_sentence };
  });
  return { documents: files.length, words: texts.flatMap(splitUp).length, frequent, summary };
}

/** The pair with the least error, by running every forecast over the figures anew, and where it leads. */
export function expectedForecast(
  series: readonly number[],
  alphas: readonly number[],
  betas: readonly number[],
) {
  const state = (upTo: number, a: number, b: number): [number, number] => {
    if (upTo === 1) return [series[1] ?? 0, (series[1] ?? 0) - (series[0] ?? 0)];
    const [level, trend] = state(upTo - 1, a, b);
    const next = a * (series[upTo] ?? 0) + (1 - a) * (level + trend);
    return [next, b * (next - level) + (1 - b) * trend];
  };
  const errorOf = (a: number, b: number) => {
    let squares = 0;
    for (let i = 2; i < series.length; i++) {
      const [level, trend] = state(i - 1, a, b);
      squares += ((series[i] ?? 0) - level - trend) ** 2;
    }
    return Math.sqrt(squares / (series.length - 2));
  };
  const tries = alphas.flatMap((alpha) =>
    betas.map((beta) => ({ alpha, beta, error: errorOf(alpha, beta) })),
  );
  const [best = { alpha: 0, beta: 0, error: 0 }] = [...tries].sort((x, y) => x.error - y.error);
  const [level, trend] = state(series.length - 1, best.alpha, best.beta);
  return {
    best,
    tried: tries.length,
    forecast: [1, 2, 3, 4].map((n) => Number((level + n * trend).toFixed(1))),
  };
}

/** Sums and counts of a column by another one, the largest first. */
export function expectedRanking(by: 'region' | 'product') {
  const place = { region: 1, product: 2 }[by];
  const lines = read('sales.csv').trim().split('\n').slice(1);
  const keys = new Set(lines.map((line) => line.split(',')[place] ?? ''));
  const ranking = [...keys].map((key) => {
    const own = lines.filter((line) => line.split(',')[place] === key);
    return { key, rows: own.length, sum: own.reduce((sum, line) => sum + Number(line.split(',')[3]), 0) };
  });
  return ranking.sort((a, b) => b.sum - a.sum);
}

/** Of the proposal, from here to there. */
function wordsFrom(first: string, last: string): number {
  const text = read('proposal.txt');
  const passage = text.slice(text.indexOf(first), text.indexOf(last) + last.length);
  return passage.split(/\s+/).length;
}

/** What the three reviewers find, as a person does who reads the proposal. */
export const EXPECTED_FINDINGS = [
  { reviewer: 'Ada', what: 'no part "Risks"' },
  { reviewer: 'Grace', what: `${wordsFrom('When it goes', 'looking away.')} words in a sentence` },
  { reviewer: 'Grace', what: '"of" twice in a row' },
  { reviewer: 'Edsger', what: 'a TODO is left' },
  { reviewer: 'Edsger', what: 'a link to plans.md, which nobody gets' },
];
export const EXPECTED_POINTS = 3 + 2 * 1 + 2 * 2;

export const sha256Of = (name: string) =>
  createHash('sha256')
    .update(readFileSync(`${DATA}/${name}`))
    .digest('hex');

/** Of the stations that can be read. */
export function expectedClimate() {
  const stations = namesIn('stations').map((file) => {
    const values = read(`stations/${file}`)
      .trim()
      .split('\n')
      .map((line) => Number.parseFloat(line.slice(6)));
    return { file, values, readable: values.every((value) => !Number.isNaN(value)) };
  });
  const good = stations.filter(({ readable }) => readable);
  const values = good.flatMap((station) => station.values);
  const highest = Math.max(...values);
  return {
    readings: values.length,
    mean: values.reduce((a, b) => a + b) / values.length,
    warmest: good.find((station) => station.values.includes(highest))?.file.replace('.txt', ''),
    unread: stations.filter(({ readable }) => !readable).map(({ file }) => file),
  };
}
