import type { Admitted } from './applicant.js';

/** What is worth knowing about how a task was accepted, for people. */
export function notesOf({ notes, admission }: Admitted): readonly string[] {
  if (admission.kind !== 'AWAITING_APPROVAL') return notes;
  const { reason, dueTime, defaultVerdict } = admission;
  const end = defaultVerdict === 'APPROVE' ? 'goes on' : 'is rejected';
  const until = new Date(dueTime).toISOString();
  return [
    ...notes,
    `waits for a person's word until ${until}, and ${end} if nobody says anything: ${reason}`,
  ];
}
