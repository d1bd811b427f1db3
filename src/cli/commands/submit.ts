import { readFile } from 'node:fs/promises';
import type { TaskRequest, Tier } from '@reeve/sdk';
import type { Command } from '../command.js';
import { usageError } from '../failure.js';
import type { Given } from '../given.js';
import { SUBMITTED_VIEW } from '../output/submitted-view.js';
import { readAll } from '../read-stream.js';
import { TIERS } from '../states.js';
import { TERMS_OPTIONS, termsFrom } from '../submit-terms.js';
import { timeIn } from '../time-in.js';
import { followToTheEnd, isSatisfied, showEnds } from '../wait-for.js';
import type { World } from '../world.js';

export const SUBMIT: Command = {
  path: ['submit'],
  summary: 'Submit a task',
  detail:
    'It is in the record when the command returns. With --wait it returns when the task has ended, with the output, and with exit code 6 if the task did not succeed.',
  args: [
    { name: 'KIND', doc: 'what is to be done, in the word that agents name among their capabilities' },
    { name: '-', doc: 'read the input from standard input, as JSON', optional: true, complete: ['-'] },
  ],
  options: [
    { name: 'input', value: 'JSON', doc: 'input of the task' },
    { name: 'input-file', value: 'FILE', doc: 'read the input from a file, as JSON', complete: 'file' },
    { name: 'tier', value: 'TIER', doc: 'how urgent it is', choices: TIERS, default: 'NORMAL' },
    { name: 'human', doc: 'a person waits for it: goes ahead of all that is automated' },
    { name: 'label', value: 'KEY=VALUE', doc: 'label to find it by', many: true },
    { name: 'goal', value: 'TEXT', doc: 'what is to be reached, in your words' },
    { name: 'intent', value: 'TEXT', doc: 'why it is asked for, in your words' },
    { name: 'requires', value: 'CAPABILITY', doc: 'the agent also has this capability', many: true },
    { name: 'parent', value: 'TASK', doc: 'task that this one is a part of', complete: 'task' },
    {
      name: 'run-at',
      value: 'TIME',
      doc: 'not before this time: 2027-01-31T08:00Z, or a span from now, like 90s or 2h',
    },
    {
      name: 'deadline',
      value: 'TIME',
      doc: 'by then it has to have ended, or it is TIMED_OUT; a time, or a span from now',
    },
    {
      name: 'after',
      value: 'TASK',
      doc: 'wait for this task to succeed; skipped if it does not',
      many: true,
      complete: 'task',
    },
    {
      name: 'after-any',
      value: 'TASK',
      doc: 'wait for this task to end, however it does',
      many: true,
      complete: 'task',
    },
    { name: 'request-id', value: 'ID', doc: 'name of this submission: a repeat gives the same task' },
    {
      name: 'assign-wait',
      value: 'DURATION',
      doc: 'wait so long, at most 20s, until an agent has it; else say why none has',
    },
    { name: 'wait', doc: 'wait until it has ended' },
    ...TERMS_OPTIONS,
  ],
  examples: [
    {
      line: `reeve submit document.summarize --input '{"path":"README.md"}' --wait`,
      doc: 'and see its output',
    },
    { line: 'reeve submit echo --human --tier high --label team=docs', doc: 'ahead of automated work' },
    { line: `echo '{"n":1}' | reeve submit count - -o name`, doc: 'input from a pipe, only the id back' },
    { line: 'reeve submit report --after TASK --after TASK --deadline 2h', doc: 'when both have succeeded' },
    {
      line: 'reeve submit nightly --request-id nightly-2026-10-01',
      doc: 'at most once, however often it is run',
    },
  ],
  run: async (invocation) => {
    const { given, world, out, talk } = invocation;
    const request = await requestFrom(given, world);
    const handle = await invocation.client().submit(request);
    for (const note of handle.notes) talk(note);
    const { taskId, state, alreadySubmitted, agentId, notes } = handle;
    if (!given.switched('wait')) {
      const { kind } = request;
      const shown = { taskId, kind, state, alreadySubmitted, notes, ...(agentId && { agentId }) };
      await out.one(SUBMITTED_VIEW, shown);
      if (out.live) talk(`Follow it: reeve task watch ${taskId}`);
      return 0;
    }
    invocation.beginWaiting(`The task goes on. Wait again: reeve task wait ${taskId}`);
    const ends = await followToTheEnd(invocation, [taskId], isSatisfied.ended);
    return showEnds(invocation, ends, 'succeeded');
  },
};

async function requestFrom(given: Given, world: World): Promise<TaskRequest> {
  const [kind = ''] = given.args;
  const input = await inputFrom(given, world);
  const tier = given.text('tier') as Tier | undefined;
  const goal = given.text('goal');
  const intent = given.text('intent');
  const parentTaskId = given.text('parent');
  const requestId = given.text('request-id');
  const runAt = timeIn(given, 'run-at', 1);
  const deadline = timeIn(given, 'deadline', 1);
  const dependsOn = [
    ...given.list('after').map((taskId) => ({ taskId, runAnyway: false })),
    ...given.list('after-any').map((taskId) => ({ taskId, runAnyway: true })),
  ];
  const assignWaitMs = given.duration('assign-wait');
  return {
    kind,
    labels: given.pairs('label'),
    ...(input !== undefined && { input }),
    ...(tier && { tier }),
    ...(given.switched('human') && { source: 'HUMAN' as const }),
    ...(goal !== undefined && { goal }),
    ...(intent !== undefined && { intent }),
    ...requirementsFrom(given, kind),
    ...(parentTaskId !== undefined && { parentTaskId }),
    ...(requestId !== undefined && { requestId }),
    ...(runAt !== undefined && { runAt }),
    ...(deadline !== undefined && { deadline }),
    ...(dependsOn.length > 0 && { dependsOn }),
    ...(assignWaitMs !== undefined && { assignWaitMs }),
    ...termsFrom(given),
  };
}

/** Capabilities that are named replace the default, which is the kind. */
function requirementsFrom(given: Given, kind: string): Pick<TaskRequest, 'requirements'> {
  const requires = given.list('requires');
  const roles = given.list('role');
  if (requires.length === 0 && roles.length === 0) return {};
  return { requirements: { capabilities: [...new Set([kind, ...requires])], roles: [...roles] } };
}

async function inputFrom(given: Given, world: World): Promise<unknown> {
  const inline = given.text('input');
  const file = given.text('input-file');
  const dash = given.args[1];
  if (dash !== undefined && dash !== '-') {
    throw usageError(`${JSON.stringify(dash)} is not expected here`, `Give the input with --input '${dash}'`);
  }
  if ([inline, file, dash].filter((given) => given !== undefined).length > 1) {
    throw usageError('the input was given more than once', 'Use one of --input, --input-file and -');
  }
  if (inline !== undefined) return parsed('--input', inline);
  if (file !== undefined) return parsed(file, await readInputFile(file));
  if (dash !== undefined) return parsed('standard input', await readAll(world.stdin));
  return undefined;
}

async function readInputFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(`--input-file: ${error instanceof Error ? error.message : error}`, 'Check the path.');
  }
}

function parsed(origin: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usageError(`${origin} is not JSON: ${cause}`, `Text is JSON in quotes: --input '"some text"'`);
  }
}
