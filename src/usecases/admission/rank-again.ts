import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Ports } from '../ports.js';
import type { Applicant } from './applicant.js';
import { askPolicies } from './ask-policies.js';
import { asksNobody, namesNobody } from './asks-nobody.js';
import { readInputs } from './input-of.js';
import { prioritise, type Rank } from './prioritise.js';
import { standBack } from './stand-back.js';

/** How far ahead a task goes that was accepted before: by the formula if its policy fails, whatever that says of errors. */
export async function rankAgain(
  ports: Pick<Ports, 'policies' | 'clock' | 'rules' | 'specs' | 'durations'>,
  snapshot: OrgSnapshot,
  applicant: Applicant,
): Promise<Rank> {
  const plain: Rank = {
    headStartMs: ports.rules.headStarts[applicant.spec.tier] - standBack(ports, snapshot)(applicant.spec),
    decisions: [],
    against: '',
  };
  if (asksNobody(snapshot) && namesNobody(applicant)) return plain;
  const inputOf = readInputs(ports.specs);
  const answers = await askPolicies(ports, snapshot, [applicant], ['PRIORITY'], inputOf);
  const [rank] = await prioritise(ports, snapshot, [applicant], answers, inputOf);
  return rank ?? plain;
}
