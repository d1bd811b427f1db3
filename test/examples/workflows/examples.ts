import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  EXPECTED_FINDINGS,
  EXPECTED_POINTS,
  expectedClimate,
  expectedDigest,
  expectedForecast,
  expectedRanking,
  sha256Of,
} from './expected.js';
import { fileOf, type Place, setup } from './world.js';

const NAMES = ['document-digest', 'parameter-matrix', 'csv-map-reduce', 'review', 'partial-failure'];

/** What every example has to come to, wherever it runs. */
export function describeExamples(open: () => Promise<Place>): void {
  const { reeve, everywhere, start, client } = setup(open);

  test('every example is valid, and says what would run', async () => {
    for (const name of NAMES) {
      const { code, stdout, stderr } = await reeve('workflow', 'validate', fileOf(`${name}.yaml`));
      expect(stderr, name).toBe('');
      expect(code, name).toBe(0);
      const { valid, stages, plan } = JSON.parse(stdout);
      expect(valid, name).toBe(true);
      expect(stages.flat().length, name).toBe(
        plan.filter(({ taskId }: { taskId: string }) => taskId !== '').length,
      );
    }
  });

  test('document-digest merges the digests of all letters', async () => {
    const { code, ended } = await start('document-digest.yaml');
    expect(ended.state).toBe('SUCCEEDED');
    expect(code).toBe(0);
    expect(ended.context).toMatchObject({ digest: expectedDigest() });
  });

  test('parameter-matrix finds the best of thirty pairs, and forecasts with it', async () => {
    const { context } = parse(await readFile(fileOf('parameter-matrix.yaml'), 'utf8'));
    const { best, tried, forecast } = expectedForecast(context.landed, context.alphas, context.betas);
    const { code, ended } = await start('parameter-matrix.yaml');
    expect(code).toBe(0);
    const { outputs, forecast: made } = ended.context as unknown as {
      outputs: { search: { score: { best: { error: number }; tried: number; total: number } } };
      forecast: object;
    };
    const { score } = outputs.search;
    expect(score).toMatchObject({ tried, total: tried, best: { alpha: best.alpha, beta: best.beta } });
    expect(score.best.error).toBeCloseTo(best.error, 9);
    expect(made).toEqual({ alpha: best.alpha, beta: best.beta, forecast });
  });

  test('csv-map-reduce sums a file by whichever column, in chunks of whichever size', async () => {
    const byRegion = await start('csv-map-reduce.yaml');
    expect(byRegion.ended.context).toMatchObject({ ranking: expectedRanking('region') });
    const byProduct = await start('csv-map-reduce.yaml', '--param', 'by=product', '--param', 'rows=7');
    expect(byProduct.ended.context).toMatchObject({ ranking: expectedRanking('product') });
    const tasks: string[] = [];
    for await (const { kind } of client().list({ workflowId: byProduct.ended.workflowId })) tasks.push(kind);
    expect(tasks.filter((kind) => kind === 'csv.sum')).toHaveLength(Math.ceil(210 / 7));
  });

  /** Where it was put it holds at once, elsewhere a little later. */
  const putLastWord = async () => {
    const file = fileOf('last-word.cel');
    const ran = await everywhere('policy', 'put', 'last-word', file, '--kind', 'approval');
    expect(ran.filter(({ code }) => code !== 0)).toEqual([]);
  };

  test("review publishes once a person has approved, with all reviewers' findings", async () => {
    await putLastWord();
    const running = start('review.yaml');
    running.catch(() => {});
    const waiting = async (): Promise<{ taskId: string; kind: string; reason: string }[]> =>
      JSON.parse((await reeve('approval', 'list')).stdout);
    await expect.poll(waiting).toMatchObject([{ kind: 'text.stamp' }]);
    const [task] = await waiting();
    expect(task?.reason).toContain('proposal.txt');
    expect((await reeve('approval', 'approve', task?.taskId ?? '', '--reason', 'read it twice')).code).toBe(
      0,
    );
    const { code, ended } = await running;
    expect(code).toBe(0);
    const { outputs, published } = ended.context as unknown as {
      outputs: { decide: { verdict: object } };
      published: { sha256: string; text: string };
    };
    expect(outputs.decide.verdict).toEqual({
      publishable: true,
      points: EXPECTED_POINTS,
      findings: EXPECTED_FINDINGS,
    });
    expect(published.sha256).toBe(sha256Of('proposal.txt'));
    for (const { what } of EXPECTED_FINDINGS) expect(published.text).toContain(what);
  });

  test('review publishes nothing that a person rejects, or that has too many findings', async () => {
    await putLastWord();
    const strict = await start('review.yaml', '--param', 'tolerance=3');
    expect(strict.code).toBe(0);
    expect(strict.ended).toMatchObject({ state: 'SUCCEEDED' });
    expect(strict.ended.context).not.toHaveProperty('published');
    const running = start('review.yaml');
    running.catch(() => {});
    const waiting = async (): Promise<{ taskId: string }[]> =>
      JSON.parse((await reeve('approval', 'list')).stdout);
    await expect.poll(waiting).toHaveLength(1);
    const [task] = await waiting();
    expect(
      (await reeve('approval', 'reject', task?.taskId ?? '', '--reason', 'the price is missing')).code,
    ).toBe(0);
    const { code, ended, stderr } = await running;
    expect(code).toBe(6);
    expect(ended.state).toBe('FAILED');
    expect(stderr).toContain('TASK_FAILED');
  });

  test('partial-failure summarizes what could be read, and ends PARTIAL', async () => {
    const { code, ended } = await start('partial-failure.yaml');
    expect(ended.state).toBe('PARTIAL');
    expect(code).toBe(6);
    const { mean, ...exact } = expectedClimate();
    const { climate, outputs } = ended.context as unknown as {
      climate: { mean: number };
      outputs: { read: { station: { task_results: { state: string; error?: { kind: string } }[] } } };
    };
    expect(climate).toMatchObject(exact);
    expect(climate.mean).toBeCloseTo(mean, 9);
    const errors = outputs.read.station.task_results.flatMap(({ error }) => error?.kind ?? []);
    expect(errors).toEqual(['Unreadable', 'NoReadings']);
    const { stdout } = await reeve('workflow', 'events', ended.workflowId);
    const types = (JSON.parse(stdout) as { type: string }[]).map(({ type }) => type);
    expect(types[0]).toBe('STARTED');
    expect(types.at(-1)).toBe('FINISHED');
  });
}
