import type { JsonValue } from '../../domain/json.js';
import type { Decider, Decision, NewDecision } from '../../domain/policies/decision.js';
import type { RecordedInput } from '../../domain/policies/policy-input.js';

/**
 * A decision as it is stored: without what is as it is mostly, and without the task where it is that of the decision
 * before.
 */
interface StoredDecision extends Decider {
  readonly output: JsonValue;
  readonly tookMs: number;
  /** `time` is its `now`. */
  readonly input: Partial<RecordedInput> & Pick<RecordedInput, 'now'>;
  readonly failure?: Decision['failure'];
  readonly message?: string;
}

/**
 * What policies said of each of some submissions, as one JSON text: a list of lists, `null` where nobody was asked.
 * `null`: nobody was asked at all. Texts of questions go into it as they are.
 */
export function encodeDecisions(all: readonly (readonly NewDecision[] | undefined)[]): string | null {
  if (!all.some((decisions) => decisions && decisions.length > 0)) return null;
  const heads = new Map<Decider, string>();
  let text = '[';
  for (let i = 0; i < all.length; i++) {
    const decisions = all[i];
    if (i > 0) text += ',';
    if (!decisions || decisions.length === 0) text += 'null';
    else text += encodeList(decisions, heads);
  }
  return `${text}]`;
}

function encodeList(decisions: readonly NewDecision[], heads: Map<Decider, string>): string {
  let text = '[';
  let before = '';
  for (const { by, question, output, failure, message, tookMs } of decisions) {
    const { task, org, candidates, now } = question;
    if (text.length > 1) text += ',';
    text += `${headOf(by, heads)}"output":${JSON.stringify(output)},"tookMs":${tookMs},"input":{"now":${now}`;
    if (task !== before) text += `,"task":${task}`;
    if (org !== '{}') text += `,"org":${org}`;
    if (candidates !== null) text += `,"candidates":${candidates}`;
    text += '}';
    if (failure !== null) text += `,"failure":"${failure}"`;
    if (message !== '') text += `,"message":${JSON.stringify(message)}`;
    text += '}';
    before = task;
  }
  return `${text}]`;
}

/** Who decides is the same for most of a batch. */
function headOf(by: Decider, heads: Map<Decider, string>): string {
  const known = heads.get(by);
  if (known !== undefined) return known;
  const { kind, policyId, version } = by;
  const head = `${JSON.stringify({ kind, policyId, version }).slice(0, -1)},`;
  heads.set(by, head);
  return head;
}

/** Undoes it, of one submission, in the detail of an event. */
export function decodeDecisions(stored: readonly StoredDecision[]): readonly Decision[] {
  let task: RecordedInput['task'] = {};
  return stored.map(({ failure = null, message = '', ...decision }): Decision => {
    const { now, candidates } = decision.input;
    task = decision.input.task ?? task;
    const input = { task, org: decision.input.org ?? {}, ...(candidates && { candidates }), now };
    return { ...decision, failure, message, input, time: now };
  });
}
