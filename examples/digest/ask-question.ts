import { type Client, TaskCancelledError, TaskFailedError, type TaskRequest } from '@reeve/sdk';
import type { AnswerInput, AnswerOutput } from './agents/inputs.js';
import { persist } from './persist.js';
import type { Progress } from './progress.js';
import { chooseQuestion } from './question.js';
import type { RunFolder } from './run-folder.js';

export interface Asking {
  /** The client of the person who asks. */
  readonly person: Client;
  readonly folder: RunFolder;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A person's question, once in a run. It is kept before it is asked, as is what was answered: a resumed run asks the same. */
export async function askQuestion({ person, folder, progress, signal }: Asking): Promise<void> {
  let run = await folder.read();
  if (run.answer !== undefined) return;
  if (run.question === '') {
    run = { ...run, question: chooseQuestion(await folder.readDigests()) };
    await folder.write(run);
  }
  const { question } = run;
  progress.note(`A person asks: ${question}`);
  const request = requestOf(folder, question);
  const { taskId } = await persist(signal, () => person.submit(request));
  const outcome = await outcomeOf(() => persist(signal, () => person.wait<AnswerOutput>(taskId, { signal })));
  progress.note(outcome.ok ? `Answered: ${outcome.answer}` : `Not answered: ${outcome.why}`);
  await folder.write({
    ...run,
    answer: outcome.ok ? outcome.answer : `It was not answered: ${outcome.why}.`,
  });
}

function requestOf(run: RunFolder, question: string): TaskRequest {
  const kind = 'digest.answer';
  const input: AnswerInput = { question };
  return {
    kind,
    input,
    requestId: `${run.runId}:${kind}:question`,
    requirements: { capabilities: [kind], tags: [run.tag] },
    labels: { run: run.runId },
    retry: { maxAttempts: 5, initialBackoffMs: 200 },
    source: 'HUMAN',
    goal: 'Answer from what has been digested so far.',
  };
}

type Outcome = { readonly ok: true; readonly answer: string } | { readonly ok: false; readonly why: string };

async function outcomeOf(wait: () => Promise<AnswerOutput>): Promise<Outcome> {
  try {
    return { ok: true, answer: (await wait()).answer };
  } catch (error) {
    if (error instanceof TaskFailedError) {
      const { error: why, reason } = error.task;
      return { ok: false, why: why?.message ?? reason ?? error.message };
    }
    if (error instanceof TaskCancelledError) {
      return { ok: false, why: error.reason || 'somebody cancelled it' };
    }
    throw error;
  }
}
