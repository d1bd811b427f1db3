import type { Client, TaskEventInfo, TaskInfo } from '@reeve/sdk';
import { waitOf } from './waits.js';

/** What the audit trail says of a person's question. */
export interface QuestionAudit {
  readonly taskId: string;
  /** From runnable to claimed, in ms, as in the table of waits. */
  readonly waitedMs: number;
  /** Runnable tasks of the run that waited when it was submitted. */
  readonly waiting: number;
  /** Of those, claimed before it by agents that could have taken it instead. */
  readonly claimedBefore: number;
  /** Claimed before it by agents that could not. */
  readonly claimedByOthers: number;
}

/**
 * Counts what was claimed between the question's submission and its claim, from the events
 * of exactly the tasks that can have been: a task that was claimed once was claimed at its
 * `startTime`, any other has to be looked up. Events of the same millisecond as the
 * question's submission count as after it, those of its claim's as with it, not before.
 *
 * @param tasks all tasks of the run, the question among them
 */
export async function auditQuestion(
  client: Client,
  tasks: readonly TaskInfo[],
): Promise<QuestionAudit | undefined> {
  const question = tasks.find(({ source, kind }) => source === 'HUMAN' && kind === 'digest.answer');
  if (!question) return undefined;
  const trail = await eventsOf(client, question.taskId);
  const submitted = timeOf(trail.find(({ type }) => type === 'SUBMITTED'));
  const claimed = timeOf(trail.find(({ type }) => type === 'CLAIMED'));
  const answering = question.agentId.replace(/-\d+$/, '');

  let waiting = 0;
  let claimedBefore = 0;
  let claimedByOthers = 0;
  for (const task of tasks) {
    if (task === question || timeOfDate(task.createTime) > claimed) continue;
    const claimedOnce = task.epoch === 1;
    const firstClaim = claimedOnce ? timeOfDate(task.startTime) : undefined;
    if (timeOfDate(task.runnableTime) <= submitted && (firstClaim === undefined || firstClaim > submitted))
      waiting++;
    if (firstClaim !== undefined && (firstClaim < submitted || firstClaim > claimed)) continue;
    for (const event of await eventsOf(client, task.taskId)) {
      const at = timeOf(event);
      if (event.type !== 'CLAIMED' || at < submitted || at >= claimed) continue;
      if (event.agentId.startsWith(`${answering}-`)) claimedBefore++;
      else claimedByOthers++;
    }
  }
  return {
    taskId: question.taskId,
    waitedMs: waitOf(question) ?? claimed - timeOfDate(question.runnableTime),
    waiting,
    claimedBefore,
    claimedByOthers,
  };
}

async function eventsOf(client: Client, taskId: string): Promise<TaskEventInfo[]> {
  const events: TaskEventInfo[] = [];
  for await (const event of client.events(taskId)) events.push(event);
  return events;
}

function timeOf(event: TaskEventInfo | undefined): number {
  return timeOfDate(event?.eventTime);
}

function timeOfDate(date: Date | undefined): number {
  return date?.getTime() ?? Number.POSITIVE_INFINITY;
}
