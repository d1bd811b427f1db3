import type { MessageInitShape } from '@bufbuild/protobuf';
import type { WatchTasksRequest, WatchTasksResponseSchema } from '@reeve/sdk/protocol';
import { ReeveError } from '../../domain/errors.js';
import type { Call } from '../call.js';
import { WatchCompacted } from '../feeds/task-feed.js';
import type { ChosenChange, ChosenStep } from '../feeds/watch-chosen.js';
import { linkSignals } from '../link-signals.js';
import { fitting } from '../mapping/lists.js';
import { payloadBytesOf, type TaskMapping, toProtoTask } from '../mapping/task.js';
import { toDomainFilter } from '../mapping/task-filter.js';
import { toDomainView } from '../mapping/task-view.js';
import { CURSORS, cursorOf, pageTokenOf } from '../page-token.js';
import { ANSWER_BYTES, type Context, taskMapping } from './context.js';

type Message = MessageInitShape<typeof WatchTasksResponseSchema>;

/** WatchTasks by a selector. Ends when the caller is gone, or the server ends. */
export async function* watchSelected(
  context: Context,
  org: string,
  request: WatchTasksRequest,
  call: Call,
): AsyncGenerator<Message> {
  const { watchers, closing } = context;
  const { feed } = watchers;
  const filter = toDomainFilter(request.selector, 'selector');
  const view = toDomainView(request.view, 'BASIC');
  const mapping = taskMapping(context, call, request.payloadAs);
  const question = ['WatchTasks', org, filter];
  const tokenOf = (position: number, generation = feed.generation) =>
    pageTokenOf(question, `${generation} ${position}`);
  const compacted = ({ oldest, generation }: WatchCompacted) => {
    const message = 'the changes since resume_token are not known any more; take a new snapshot';
    const metadata = { oldest_resume_token: tokenOf(oldest, generation) };
    return new ReeveError('OUT_OF_RANGE', 'WATCH_COMPACTED', message, { metadata });
  };

  let from: 'SNAPSHOT' | 'NOW' | number = request.skipSnapshot ? 'NOW' : 'SNAPSHOT';
  const cursor = cursorOf(question, request.resumeToken, CURSORS.TEXT, 'resume_token');
  const [generation, position] = cursor?.split(' ') ?? [];
  if (cursor !== null) {
    from = Number(position);
    if (!Number.isSafeInteger(from)) from = -1;
  }
  const linked = linkSignals([call.signal, closing]);
  try {
    const options = { view, from, signal: linked.signal, ...(generation !== undefined && { generation }) };
    for await (const step of watchers.watchChosen(org, filter, options)) {
      yield* inMessages(step, mapping, tokenOf);
    }
  } catch (error) {
    throw error instanceof WatchCompacted ? compacted(error) : error;
  } finally {
    linked.release();
  }
}

/** Splits a step into messages that their reader can take; the bookmark goes with the last. */
function* inMessages(
  { changes, snapshot, position, snapshotComplete, snapshotTruncated }: ChosenStep,
  mapping: TaskMapping,
  tokenOf: (position: number) => string,
): Generator<Message> {
  let rest = changes;
  do {
    const part = fitting(rest, ANSWER_BYTES, bytesOf);
    rest = rest.slice(part.length);
    const last = rest.length === 0 && position !== null;
    yield {
      changes: part.map((change) => toProtoChange(change, mapping)),
      snapshot,
      ...(last && {
        bookmark: { resumeToken: tokenOf(position), snapshotComplete, snapshotTruncated },
      }),
    };
  } while (rest.length > 0);
}

function bytesOf({ task }: ChosenChange): number {
  if (!task) return 100;
  const { goal, intent, labels } = task.spec;
  const texts = goal.length + intent.length + task.reason.length + JSON.stringify(labels).length;
  return 1_000 + payloadBytesOf(task) + texts;
}

function toProtoChange({ taskId, task, left }: ChosenChange, mapping: TaskMapping) {
  if (!task) return { task: { taskId }, left, notFound: true };
  return { task: toProtoTask(task, mapping), seq: BigInt(task.seq), left };
}
