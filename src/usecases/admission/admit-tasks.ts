import type { Principal } from '../../domain/access/principal.js';
import type { ReeveError } from '../../domain/errors.js';
import type { Decision } from '../../domain/policies/decision.js';
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
    return routeApplicants(ports, snapshot, acceptAll(ports, applicants));
  }
  return judge(ports, snapshot, applicants).then((judged) => routeApplicants(ports, snapshot, judged));
}

/** The way of nearly all tasks: their tier says all. */
function acceptAll({ rules }: Ports, applicants: readonly Applicant[]): readonly Judged[] {
  return applicants.map((applicant) => {
    const { spec } = applicant;
    const headStartMs = rules.headStarts[spec.tier];
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
  const sound = applicants.filter((_, i) => !errors.has(i));
  const answers = await askPolicies(ports, snapshot, sound, ['APPROVAL', 'PRIORITY'], inputOf);
  const approvals = answers.map(({ APPROVAL: answer }) =>
    answer ? approve(snapshot, answer, ports.clock.now()) : { admission: ACCEPTED, decision: null },
  );
  // What is rejected need not be weighed.
  const left = sound.filter((_, i) => approvals[i]?.admission.kind !== 'REJECTED');
  const answersLeft = answers.filter((_, i) => approvals[i]?.admission.kind !== 'REJECTED');
  const ranked = await prioritise(ports, snapshot, left, answersLeft, inputOf);
  const ranks = new Map(left.map((applicant, i) => [applicant, ranked[i]]));
  const judged = sound.map((applicant, i): Judged => {
    const { admission, decision } = approvals[i] ?? { admission: ACCEPTED, decision: null };
    return judgedOf(applicant, admission, decision, ranks.get(applicant));
  });
  const next = judged.values();
  return applicants.map((_, i) => errors.get(i) ?? (next.next().value as Judged));
}

function judgedOf(
  applicant: Applicant,
  approval: Admission,
  decision: Decision | null,
  rank: Rank | undefined,
): Judged {
  const { headStartMs = 0, against = '' } = rank ?? {};
  const admission: Admission = against === '' ? approval : { kind: 'REJECTED', reason: against };
  const decisions = [...(decision ? [decision] : []), ...(rank?.decisions ?? [])];
  return { applicant, spec: applicant.spec, headStartMs, admission, decisions, notes: NOTHING_SAID };
}
