import type { TaskFilter } from '@reeve/sdk';
import { EXIT } from '../exit-codes.js';
import { CliError, usageError } from '../failure.js';
import type { Invocation } from '../invocation.js';
import { colorsFor } from '../output/colors.js';
import { MATCH_VIEW, type Match } from '../output/match-view.js';
import { OUTCOME_VIEW } from '../output/outcome-view.js';
import { type Attempt, actOnAll } from './act-on-all.js';
import { canAsk, confirm } from './confirm.js';
import { number, preview, tasks } from './preview.js';
import { showTurns } from './show-turns.js';
import type { TaskVerb } from './task-verb.js';

/**
 * Does something to the tasks that a filter chooses: shows which, asks, does it to exactly
 * those, and prints what became of each; a table shows only those to which it was not done.
 * A task that is in another state when its turn comes is skipped. The exit code is 1 if one
 * failed, or if the person did not want it.
 */
export async function actOnFiltered(
  invocation: Invocation,
  verb: TaskVerb,
  filter: TaskFilter,
): Promise<number> {
  const { given, out, talk, world } = invocation;
  const isDry = given.switched('dry-run') ?? false;
  const isSure = isDry || (given.switched('yes') ?? false);
  if (!isSure && !canAsk(invocation)) {
    throw usageError(
      'nobody can be asked here whether to go on: --yes is missing',
      'Look first with --dry-run, then say --yes.',
    );
  }
  const matches = await matching(invocation, { states: verb.states, ...filter });
  if (matches.length === 0) {
    if (out.format === 'table') talk(`No tasks to ${verb.name}.`);
    else await out.many(OUTCOME_VIEW, [], '');
    return EXIT.ok;
  }
  const colors = world.stderr.isTTY ? out.scene.colors : colorsFor(false);
  for (const line of preview(matches, verb.name, colors)) talk(line);
  if (isDry) {
    if (out.format !== 'table') await out.many(MATCH_VIEW, matches, '');
    return EXIT.ok;
  }
  if (!isSure && !(await confirm(invocation, `${capital(verb.name)} ${tasks(matches.length)}?`))) {
    talk('Nothing was changed.');
    return EXIT.failure;
  }
  return act(invocation, verb, matches);
}

async function matching({ client }: Invocation, filter: TaskFilter): Promise<readonly Match[]> {
  const matches: Match[] = [];
  for await (const { taskId, kind, state } of client().list(filter)) matches.push({ taskId, kind, state });
  return matches;
}

async function act(invocation: Invocation, verb: TaskVerb, matches: readonly Match[]): Promise<number> {
  const { out, talk } = invocation;
  const ids = matches.map(({ taskId }) => taskId);
  const turns = showTurns(invocation, ids.length);
  const attempts = await actOnAll(invocation, ids, verb.act, turns.show);
  turns.stop();
  invocation.signal.throwIfAborted();
  const settled = attempts.map((attempt) => settle(attempt, verb));
  const outcomes = settled.map(({ outcome }) => outcome);
  const done = outcomes.filter(({ ok }) => ok);
  const others = outcomes.filter(({ ok }) => !ok);
  if (out.format !== 'table') await out.many(OUTCOME_VIEW, out.format === 'name' ? done : outcomes, '');
  else if (others.length > 0) await out.many(OUTCOME_VIEW, others, '');

  const failures = settled.flatMap(({ failure }) => (failure ? [failure] : []));
  const skipped = others.length - failures.length;
  const also = skipped > 0 ? `, skipped ${number(skipped)} whose state had changed` : '';
  talk(`${capital(verb.done)} ${number(done.length)} of ${tasks(ids.length)}${also}.`);
  const [first] = failures;
  if (!first) return EXIT.ok;
  const message = `${number(failures.length)} of ${tasks(ids.length)} failed; the first: ${first.message}`;
  throw new CliError({ ...first, message, exit: EXIT.failure });
}

/** A task that has got into another state since it was chosen has not failed. */
function settle({ outcome, failure }: Attempt, { refusal }: TaskVerb): Attempt {
  if (failure?.code !== refusal) return failure ? { outcome, failure } : { outcome };
  return { outcome: { ...outcome, skipped: true } };
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
