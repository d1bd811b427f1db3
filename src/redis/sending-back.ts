import { byScore } from '../domain/order/by-band-and-score.js';
import { DEFAULT_EXPECTED_MS } from '../domain/order/turns.js';
import {
  type Candidate,
  lanesWithoutSlot,
  MOST_LOOKED_AT,
  planVictims,
  SENT_BACK_MS,
  type SentBack,
} from '../matching/victims.js';
import type { Victim, VictimQuery } from '../ports/victim-choice.js';
import type { RedisIndexOptions } from './index-options.js';
import type { Operation } from './operations.js';
import type { OrgIndex, TakeStep } from './org-index.js';
import type { Picture } from './picture.js';
import { type List, list } from './step.js';

/** Lanes of people's tasks that are looked at. */
const MOST_LANES = 32;

type Options = Pick<RedisIndexOptions, 'durations' | 'orderTerms'>;
/** Task, epoch, session, when it began, kind. */
type Told = readonly [string, number, string, number, string];
type ToldSentBack = readonly [string, number, string, number];
type Answer = readonly [List<Told>, List<ToldSentBack>];

/** Plans on the picture who is sent back, and has that noted. Where nobody waits for a slot no step is taken. */
export async function takeVictims(
  index: OrgIndex,
  query: VictimQuery,
  options: Options,
): Promise<readonly Victim[]> {
  const waits = lanesWithoutSlot(index.picture.instances.groups(index.org));
  if (waits.next().done) return [];
  return index.inTurn((step) => takeInTurn(step, index.picture, query, options));
}

async function takeInTurn(
  step: TakeStep,
  picture: Picture,
  { kinds, max, graceMs }: VictimQuery,
  { durations, orderTerms }: Options,
): Promise<readonly Victim[]> {
  const { org } = picture;
  const expectedMs = (kind: string) => durations?.of(org, kind) ?? DEFAULT_EXPECTED_MS;
  const lanes = () => [...lanesWithoutSlot(picture.instances.groups(org))].slice(0, MOST_LANES);
  const want = lanes().map(({ tasks, group }) => [tasks.name, max, expectedMs(group.kind.kind)] as const);
  const reply = await step([{ op: 'victims', max: MOST_LOOKED_AT }], want);
  const [found, sentBack] = list(reply.answers)[0] as Answer;
  const waiting = lanes()
    .flatMap(({ tasks, group }) => tasks.first().map((task) => ({ ...task, group })))
    .sort(byScore)
    .slice(0, max);
  const candidates = list(found).flatMap((told): readonly Candidate[] => {
    const [taskId, epoch, sessionId, began, kind] = told;
    const instance = picture.instances.get(sessionId);
    return instance && kinds.has(kind) ? [{ taskId, epoch, kind, instance, began }] : [];
  });
  const plan = planVictims({
    ...{ waiting, candidates, expectedMs, graceMs, now: reply.now },
    sentBack: list(sentBack).map(([taskId, epoch, whom, until]) => {
      return { taskId, epoch, forTaskId: whom === '' ? null : whom, until };
    }),
    share: picture.order.share,
    restShare: orderTerms?.restShareOf(org) ?? 0,
  });
  if (plan.sentBack.length + plan.onShare.length === 0) return [];
  const isNew = new Set(plan.victims.map(({ taskId }) => taskId));
  const { answers } = await step([
    {
      ...sendBack(plan.sentBack, (taskId) => isNew.has(taskId)),
      onShare: plan.onShare.map(({ taskId, epoch, kind }) => [taskId, epoch, Math.round(expectedMs(kind))]),
    },
  ]);
  const noted = new Set(
    list(list(answers)[0] as List<number>).map((place) => plan.sentBack[place - 1]?.taskId),
  );
  return plan.victims.filter(({ taskId }) => noted.has(taskId)).map((victim) => ({ org, ...victim }));
}

/** What notes that they were refused, at a time (ms since the epoch). */
export function refusal(victims: readonly Victim[], now: number): Operation {
  const until = now + SENT_BACK_MS;
  const marks = victims.map(({ taskId, epoch }) => ({ taskId, epoch, forTaskId: null, until }));
  return sendBack(marks, () => false);
}

function sendBack(marks: readonly SentBack[], isNew: (taskId: string) => boolean) {
  return {
    op: 'sendBack',
    marks: marks.map(({ taskId, epoch, forTaskId, until }) => {
      return [taskId, epoch, forTaskId ?? '', until, isNew(taskId) ? 1 : 0] as const;
    }),
    onShare: [],
  } satisfies Operation;
}
