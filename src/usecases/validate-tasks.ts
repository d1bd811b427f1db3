import { byOrg } from '../domain/by-org.js';
import { unavailable } from '../domain/errors.js';
import type { JobKind } from '../domain/jobs/job-kind.js';
import type { JsonValue } from '../domain/json.js';
import { namesInput, type PolicyInput } from '../domain/policies/policy-input.js';
import { policyTaskOf } from '../domain/policies/policy-task.js';
import { readValidation } from '../domain/policies/read-answers.js';
import { WrongAnswer } from '../domain/policies/wrong-answer.js';
import type { Task } from '../domain/tasks/task.js';
import type { OrgSnapshot } from '../ports/org-rules.js';
import { type PolicyOutcome, UNANSWERED } from '../ports/policy-engine.js';
import type { Release, Reservation } from '../ports/ready-index.js';
import type { SkipRequest } from '../ports/task-record.js';
import type { Ports } from './ports.js';
import { skipTasks } from './skip-tasks.js';

/** Begins the reason of a task that is SKIPPED because it is not as its kind is to be. */
export const VALIDATION_FAILED = 'VALIDATION_FAILED';

/** What is wrong in words is cut off there. */
const LONGEST_REASON = 1_000;

/** Kinds with something to check right before an agent gets a task, by snapshot; most organisations have none. */
const validatingKinds = new WeakMap<OrgSnapshot, ReadonlyMap<string, JobKind>>();

/** Those kinds of an organisation. */
export function kindsToValidate(snapshot: OrgSnapshot): ReadonlyMap<string, JobKind> {
  if (snapshot.jobKinds.size === 0) return snapshot.jobKinds;
  const known = validatingKinds.get(snapshot);
  if (known) return known;
  const kinds = new Map([...snapshot.jobKinds].filter(([, { validate }]) => validate !== ''));
  validatingKinds.set(snapshot, kinds);
  return kinds;
}

/** Whether the organisation of one of them checks tasks, or its rules are not known yet. */
export function mayNeedValidation(
  { orgRules }: Pick<Ports, 'orgRules'>,
  reservations: readonly Reservation[],
): boolean {
  let last = '';
  for (const { org } of reservations) {
    if (org === last) continue;
    last = org;
    const rules = orgRules.of(org);
    if (rules instanceof Promise) {
      // It is read anew where it is waited for.
      rules.catch(() => undefined);
      return true;
    }
    if (kindsToValidate(rules).size > 0) return true;
  }
  return false;
}

/**
 * Holds tasks against the `validate` of their kinds before they are claimed. Those that fail it, or of which it
 * cannot be said in time, are SKIPPED, and their reservations are over. Answers with the others, in order.
 *
 * @throws UNAVAILABLE if the record, the rules or who evaluates them cannot be reached
 */
export async function validateReserved(
  ports: Ports,
  reservations: readonly Reservation[],
): Promise<readonly Reservation[]> {
  const sound = new Set(reservations);
  for (const [org, ofOrg] of byOrg(reservations)) {
    const rules = ports.orgRules.of(org);
    const snapshot = rules instanceof Promise ? await rules : rules;
    const kinds = kindsToValidate(snapshot);
    if (kinds.size === 0) continue;
    const releases = await validateOfOrg(ports, snapshot, kinds, ofOrg);
    await ports.index.release(releases);
    for (const { reservation } of releases) sound.delete(reservation);
  }
  return sound.size === reservations.length ? reservations : [...sound];
}

async function validateOfOrg(
  ports: Ports,
  snapshot: OrgSnapshot,
  kinds: ReadonlyMap<string, JobKind>,
  reservations: readonly Reservation[],
): Promise<readonly Release[]> {
  const { org } = snapshot;
  const ids = reservations.map(({ taskId }) => taskId);
  const tasks = await ports.record.getTasks(org, ids, 'FULL');
  const checked: { readonly task: Task; readonly reservation: Reservation; readonly validate: string }[] = [];
  for (const [i, reservation] of reservations.entries()) {
    const task = tasks[i];
    const validate = task && kinds.get(task.spec.kind)?.validate;
    // One that does not wait any more is refused by its claim.
    if (task?.state === 'QUEUED' && validate) checked.push({ task, reservation, validate });
  }
  const wrong = await whatIsWrong(ports, snapshot, checked);
  const failing = checked.filter((_, i) => wrong[i] !== '');
  const words = wrong.filter((one) => one !== '');
  const outcomes = await skipTasks(
    ports,
    failing.map(({ task: { taskId, seq } }, i): SkipRequest => {
      return { org, taskId, seq, reason: `${VALIDATION_FAILED}: ${words[i]}`.slice(0, LONGEST_REASON) };
    }),
  );
  // What has changed since it was read is checked anew when it is reserved again.
  return failing.map(({ reservation }, i) => {
    return { reservation, requeue: outcomes[i]?.kind === 'CHANGED_SINCE' };
  });
}

/** In words, what is wrong with each task; empty: nothing. @throws UNAVAILABLE if nobody evaluates it now */
async function whatIsWrong(
  { policies, specs, clock }: Ports,
  { config }: OrgSnapshot,
  checked: readonly { readonly task: Task; readonly validate: string }[],
): Promise<readonly string[]> {
  if (checked.length === 0) return [];
  const now = clock.now();
  const inputs = new Map<string, PolicyInput[]>();
  const placed = checked.map(({ task: { taskId, spec, createTime }, validate: expression }) => {
    const terms = specs.termsOf(spec.body);
    const input: JsonValue | undefined = namesInput(expression) ? specs.inputOf(spec.body) : undefined;
    const facts = { taskId, spec, terms, createTime, ...(input !== undefined && { input }) };
    const ofExpression = inputs.get(expression) ?? [];
    inputs.set(expression, ofExpression);
    const at = ofExpression.push({ task: policyTaskOf(facts), org: config.values, now }) - 1;
    return { expression, at };
  });
  const calls = [...inputs].map(([expression, all]) => ({
    use: 'VALIDATE' as const,
    expression,
    inputs: all,
  }));
  const answers = await policies.evaluate(calls);
  const byExpression = new Map(calls.map(({ expression }, i) => [expression, answers[i] ?? []]));
  return placed.map(({ expression, at }) => wordsOf(byExpression.get(expression)?.[at] ?? UNANSWERED));
}

function wordsOf(outcome: PolicyOutcome): string {
  if (!outcome.ok && outcome.failure === 'UNAVAILABLE') {
    // It says nothing of the task, which was accepted and can wait.
    throw unavailable('POLICIES_UNAVAILABLE', `no validate can be evaluated now: ${outcome.message}`);
  }
  if (!outcome.ok) return `validate could not be evaluated: ${outcome.failure} ${outcome.message}`.trim();
  try {
    return readValidation(outcome.output);
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    return `validate could not be evaluated: its answer ${error.message}`;
  }
}
