import type { Client, WorkflowHandle, WorkflowInfo } from '@reeve/sdk';
import type { MergeReportOutput } from './agents/inputs.js';
import { askQuestion } from './ask-question.js';
import { digestWorkflow } from './digest-workflow.js';
import { pauseFor, persist } from './persist.js';
import type { Progress } from './progress.js';
import { isTimeToAsk } from './question.js';
import type { RunFolder } from './run-folder.js';

/** How often is looked how far it is. */
const LOOK_MS = 100;

export interface RunnerOptions {
  readonly client: Client;
  /** The client of the person who asks. */
  readonly person: Client;
  readonly folder: RunFolder;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface RunResult {
  readonly workflowId: string;
  readonly question: string;
  readonly answer: string;
  readonly report: MergeReportOutput;
}

/**
 * Takes a run from its list of files to its report: starts its workflow, or finds the one that was started before by
 * the request id, which is the run's, and asks a person's question meanwhile.
 *
 * @throws Error if the workflow ended without a report
 */
export async function digest(options: RunnerOptions): Promise<RunResult> {
  const { client, folder, signal } = options;
  const { files } = await folder.read();
  const workflow = digestWorkflow(folder, files);
  const handle = await persist(signal, () =>
    client.workflows.start(workflow, { requestId: `${folder.runId}:digest` }),
  );
  await follow(options, handle, files.length);
  const report = await persist(signal, () => handle.context<MergeReportOutput>('report'));
  if (!report) throw new Error(`workflow ${handle.workflowId} has no report`);
  const run = await folder.read();
  await folder.write({ ...run, status: 'FINISHED' });
  const { question, answer = '' } = run;
  return { workflowId: handle.workflowId, question, answer, report };
}

/** Shows how far the workflow is until it has ended, and asks when it is time. */
async function follow(options: RunnerOptions, handle: WorkflowHandle, files: number): Promise<void> {
  const { progress, signal } = options;
  let question: Promise<void> | undefined;
  let refused: unknown;
  for (;;) {
    const workflow = await persist(signal, () => handle.get());
    for (const { taskId, succeededCount, failedCount, totalCount } of workflow.nodes) {
      if (taskId !== '') progress.shows(taskId, succeededCount + failedCount, totalCount);
    }
    if (!question && isTime(workflow, files)) {
      question = askQuestion(options);
      question.catch((error) => {
        refused = error;
      });
    }
    if (refused) throw refused;
    if (workflow.state === 'FAILED' || workflow.state === 'CANCELLED') {
      throw new Error(`the digest ${workflow.state}: ${workflow.reason}`);
    }
    if (workflow.finishTime) break;
    await pauseFor(LOOK_MS, signal);
  }
  await question;
}

function isTime({ nodes }: WorkflowInfo, files: number): boolean {
  const node = (id: string) => nodes.find(({ taskId }) => taskId === id);
  const extract = node('extract');
  const summarize = node('summarize');
  if (!extract || !summarize) return false;
  const extracted = extract.succeededCount + extract.failedCount;
  const ended = summarize.succeededCount + summarize.failedCount;
  // With nothing to answer from it has to be asked all the same: the report waits for it.
  if (summarize.finishTime) return true;
  return isTimeToAsk(files, extracted, summarize.succeededCount, summarize.submittedCount - ended);
}
