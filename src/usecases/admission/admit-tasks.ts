import type { Principal } from '../../domain/access/principal.js';
import type { ReeveError } from '../../domain/errors.js';
import type { NewDecision } from '../../domain/policies/decision.js';
import type { Admission } from '../../domain/tasks/admission.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Ports } from '../ports.js';
import type { Applicant, Judged } from './applicant.js';
import { ACCEPTED, approve } from './approve.js';
import { askPolicies } from './ask-policies.js';
import { asksNobody, namesNobody } from './asks-nobody.js';
import { readInputs } from './input-of.js';
import { parseJobs } from './parse-jobs.js';
import { prioritise, type Rank } from './prioritise.js';
import { routeApplicants } from './route-tasks.js';
import { standBack } from './stand-back.js';

type Judgement = readonly (Judged | ReeveError)[];

const NOTHING_SAID: readonly never[] = [];

/**
 * Decides by the rules of their organisation whether tasks are accepted, how far ahead they go and how
 * their agents are found: job parser, approval, priority, routing. One answer an applicant, in order; an
 * error refuses it without a trace, where a REJECTED one is stored. Answers at once where nobody is to be asked.
 */
export const admitTasks =
  (ports: Ports) =>
  (principal: Principal, applicants: readonly Applicant[]): Judgement | Promise<Judgement> => {
    const rules = ports.orgRules.of(principal.org);
    if (rules instanceof Promise) return rules.then((read) => admit(ports, read, applicants));
    return admit(ports, rules, applicants);
  };

function admit(
  ports: Ports,
  snapshot: OrgSnapshot,
  applicants: readonly Applicant[],
): Judgement | Promise<Judgement> {
  if (asksNobody(snapshot) && applicants.every(namesNobody)) {
    return routeApplicants(ports, snapshot, acceptAll(ports, snapshot, applicants));
  }
  return judge(ports, snapshot, applicants).then((judged) => routeApplicants(ports, snapshot, judged));
}

/** The way of nearly all tasks: their tier and kind say all. */
function acceptAll(ports: Ports, snapshot: OrgSnapshot, applicants: readonly Applicant[]): readonly Judged[] {
  const { headStarts } = ports.rules;
  const back = standBack(ports, snapshot);
  return applicants.map((applicant) => {
    const { spec } = applicant;
    const headStartMs = headStarts[spec.tier] - back(spec);
    return {
      applicant,
      spec,
      headStartMs,
      admission: ACCEPTED,
      decisions: NOTHING_SAID,
      notes: NOTHING_SAID,
    };
  });
}

async function judge(
  ports: Ports,
  snapshot: OrgSnapshot,
  applicants: readonly Applicant[],
): Promise<Judgement> {
  const inputOf = readInputs(ports.specs);
  const errors = await parseJobs(ports, snapshot, applicants, inputOf);
  const sound = errors.size === 0 ? applicants : applicants.filter((_, i) => !errors.has(i));
  const answers = await askPolicies(ports, snapshot, sound, ['APPROVAL', 'PRIORITY'], inputOf);
  const now = ports.clock.now();
  const approvals = answers.map(({ APPROVAL: answer }) =>
    answer ? approve(snapshot, answer, now) : UNASKED,
  );
  // What is rejected need not be weighed.
  const isLeft = approvals.map(({ admission }) => admission.kind !== 'REJECTED');
  const left = isLeft.includes(false) ? sound.filter((_, i) => isLeft[i]) : sound;
  const answersLeft = left === sound ? answers : answers.filter((_, i) => isLeft[i]);
  const ranks = (await prioritise(ports, snapshot, left, answersLeft, inputOf)).values();
  const judged = sound.map((applicant, i): Judged => {
    const rank: Rank | undefined = isLeft[i] ? ranks.next().value : undefined;
    return judgedOf(applicant, approvals[i] ?? UNASKED, rank);
  });
  if (sound === applicants) return judged;
  const next = judged.values();
  return applicants.map((_, i) => errors.get(i) ?? (next.next().value as Judged));
}

interface Approval {
  readonly admission: Admission;
  /** `null`: nobody was asked. */
  readonly decision: NewDecision | null;
}

const UNASKED: Approval = { admission: ACCEPTED, decision: null };

function judgedOf(applicant: Applicant, approval: Approval, rank: Rank | undefined): Judged {
  const { headStartMs = 0, against = '', decisions: ofRank = NOTHING_SAID } = rank ?? {};
  const { decision } = approval;
  const admission: Admission = against === '' ? approval.admission : { kind: 'REJECTED', reason: against };
  const decisions = decision ? [decision, ...ofRank] : ofRank;
  return { applicant, spec: applicant.spec, headStartMs, admission, decisions, notes: NOTHING_SAID };
}
