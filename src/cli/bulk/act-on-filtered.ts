import type { TaskFilter } from '@reeve/sdk';
import { EXIT } from '../exit-codes.js';
import { usageError } from '../failure.js';
import type { Invocation } from '../invocation.js';
import { followOperation, requireSuccess, tellEnd } from '../operations/follow-operation.js';
import { colorsFor } from '../output/colors.js';
import { MATCH_VIEW, type Match } from '../output/match-view.js';
import { OPERATION_VIEW } from '../output/operation-view.js';
import { canAsk, confirm } from './confirm.js';
import { FIRST_IDS, preview, tasks } from './preview.js';
import type { TaskVerb } from './task-verb.js';

/**
 * Does something to the tasks that a filter chooses, as an operation of the coordinator:
 * counts and shows them, asks, begins, follows it to its end and prints it. What was submitted
 * after the count is left alone; a task that is in another state when its turn comes is
 * skipped. The exit code is 1 if one failed, or if the person did not want it.
 */
export async function actOnFiltered(
  invocation: Invocation,
  verb: TaskVerb,
  filter: TaskFilter,
): Promise<number> {
  const { given, out, talk, world, client, signal } = invocation;
  const isDry = given.switched('dry-run') ?? false;
  const isSure = isDry || (given.switched('yes') ?? false);
  requireSomebody(invocation, isSure);
  const { operationId } = await verb.begin(filter, { dryRun: true });
  const count = await client().operations.wait(operationId, { signal });
  requireSuccess(count);
  const { totalCount, createTime } = count;
  if (totalCount === 0) {
    const none = `No tasks to ${verb.name}.`;
    if (isDry) await out.many(MATCH_VIEW, [], none);
    else talk(none);
    return EXIT.ok;
  }
  // Times have whole milliseconds: what came in the same one was counted.
  const cutOff = new Date(createTime.getTime() + 1);
  const { createdBefore } = filter;
  const chosen = {
    ...filter,
    createdBefore: createdBefore && createdBefore < cutOff ? createdBefore : cutOff,
  };
  const listed = { states: verb.states, ...chosen };
  const newest = await matching(invocation, listed, FIRST_IDS);
  const isData = isDry && out.format === 'table';
  const colors = isData || world.stderr.isTTY ? out.scene.colors : colorsFor(false);
  const ids = newest.map(({ taskId }) => taskId);
  const lines = preview(count, ids, verb.name, colors);
  // What was asked for is data, and a look before the question is talk.
  if (isData) await out.text(`${lines.join('\n')}\n`);
  else for (const line of lines) talk(line);
  if (isDry) {
    if (!isData) await out.many(MATCH_VIEW, await matching(invocation, listed, 0), '');
    return EXIT.ok;
  }
  if (!isSure && !(await confirm(invocation, `${capital(verb.name)} ${tasks(totalCount)}?`))) {
    talk('Nothing was changed.');
    return EXIT.failure;
  }
  const ended = await followOperation(invocation, await verb.begin(chosen, {}));
  if (out.format !== 'table') await out.one(OPERATION_VIEW, ended);
  tellEnd(invocation, ended, verb.done);
  requireSuccess(ended);
  return EXIT.ok;
}

/** @throws CliError if it has to be asked whether to go on, and nobody can be */
export function requireSomebody(invocation: Invocation, isSure: boolean): void {
  if (isSure || canAsk(invocation)) return;
  throw usageError(
    'nobody can be asked here whether to go on: --yes is missing',
    'Look first with --dry-run, then say --yes.',
  );
}

async function matching(
  { client }: Invocation,
  filter: TaskFilter,
  limit: number,
): Promise<readonly Match[]> {
  const matches: Match[] = [];
  for await (const { taskId, kind, state } of client().list({ ...filter, limit })) {
    matches.push({ taskId, kind, state });
  }
  return matches;
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
