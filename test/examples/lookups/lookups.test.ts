import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { EmbeddedCoordinator } from '../../../src/embedded.js';
import { run } from '../../cli/support/world.js';
import { openEmbedded } from '../../support/embedded.js';
import { ExampleProcess } from '../../support/example-process.js';

const at = (place: string) => fileURLToPath(new URL(`../../../${place}`, import.meta.url));
const LETTERS = at('examples/workflows/data/letters');
const WORKFLOW = at('examples/lookups/letters.yaml');

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

const reeve = (...argv: readonly string[]) => run(argv, { env: { REEVE_ADDRESS: coordinator.address } });

/** The example's provider, started anywhere, and agent, and the organisation that uses them. */
async function setup() {
  const server = at('dist/examples/lookups/provider/server.js');
  const provider = new ExampleProcess(process.execPath, [server, '--listen', '127.0.0.1:0'], {}, tmpdir());
  await expect.poll(() => provider.stdout, { timeout: 20_000 }).toMatch(/on \S+\n/);
  const address = /on (\S+)/.exec(provider.stdout)?.[1] ?? '';
  new ExampleProcess(process.execPath, [at('dist/examples/lookups/agent.js')], {
    ...process.env,
    REEVE_ADDRESS: coordinator.address,
  });
  await reeve('config', 'set', 'context_provider_plaintext', 'true');
  expect((await reeve('config', 'set', 'context_provider_address', address)).code).toBe(0);
  return provider;
}

interface Answers {
  readonly task_results: readonly {
    readonly output: {
      readonly question: string;
      readonly answer: string | null;
      readonly sources: readonly { readonly file: string; readonly score: number }[];
      readonly prompt: string;
    };
  }[];
}

/** What is to be found, by counting words in the letters anew for each question. */
function expectedFor(question: string, most: number) {
  const all = readdirSync(LETTERS)
    .sort()
    .flatMap((file) =>
      readFileSync(`${LETTERS}/${file}`, 'utf8')
        .split('\n\n')
        .map((text) => ({ file, text: text.trim().replaceAll('\n', ' ') })),
    );
  const wordsIn = (text: string) =>
    text
      .split(/[^A-Za-z]+/)
      .filter((word) => word.length > 2)
      .map((word) => word.toLowerCase());
  const asked = wordsIn(question).filter((word, i, words) => words.indexOf(word) === i);
  const scored = all.map(({ file, text }) => {
    const words = wordsIn(text);
    let score = 0;
    for (const word of asked) {
      const having = all.filter((other) => wordsIn(other.text).includes(word)).length;
      if (having > 0)
        score +=
          (words.filter((one) => one === word).length / words.length) *
          Math.log((having + all.length) / having);
    }
    return { file, text, score };
  });
  return scored
    .filter(({ score }) => score > 1e-12)
    .sort((a, b) => b.score - a.score)
    .slice(0, most);
}

test('questions are answered with the passages that have most to do with them', async () => {
  await setup();
  const { code, stderr } = await reeve('workflow', 'validate', WORKFLOW);
  expect([code, stderr.includes('NO_CONTEXT_PROVIDER')]).toEqual([0, false]);
  const { questions } = parse(readFileSync(WORKFLOW, 'utf8')).context as { questions: readonly string[] };
  for (const most of [2, 1]) {
    const ran = await reeve(
      'workflow',
      'start',
      WORKFLOW,
      '--param',
      `most=${most}`,
      '--wait',
      '--timeout',
      '50s',
      '-o',
      'json',
    );
    const ended = JSON.parse(ran.stdout);
    expect([ran.code, ended.state]).toEqual([0, 'SUCCEEDED']);
    const { task_results } = ended.context.answers as Answers;
    expect(task_results.map(({ output }) => output.question)).toEqual(questions);
    for (const { output } of task_results) {
      const expected = expectedFor(output.question, most);
      expect(output.answer).toBe(expected[0]?.text ?? null);
      expect(output.sources).toEqual(
        expected.map(({ file, score }) => ({ file, score: expect.closeTo(score, 9) })),
      );
      const known = expected.map(({ file, text }) => `${file}: ${text}`).join('\n');
      expect(output.prompt.trim()).toBe(`${output.question} From what is known:\n${known}`.trim());
    }
  }
  // Questions that are about the letters have an answer, the other one has none.
  expect(questions.map((question) => expectedFor(question, 2).length > 0)).toEqual([true, true, false]);
});

test('what the provider objects to fails the workflow, in its words', async () => {
  await setup();
  const ran = await reeve('workflow', 'start', WORKFLOW, '--param', 'most=0', '--wait', '--timeout', '50s');
  expect(ran.code).toBe(6);
  const ended = JSON.parse(ran.stdout);
  expect(ended.state).toBe('FAILED');
  const shown = await reeve('workflow', 'get', ended.workflowId);
  expect(shown.stdout).toContain(
    'LOOKUP_FAILED: lookups.passages, of item 1: most must be a whole number from 1 to 20',
  );
});
