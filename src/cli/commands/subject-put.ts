import type { Command } from '../command.js';
import { ATTRIBUTES, CHECK_ONLY, GROUP } from '../directory-options.js';
import { objectOf } from '../json-option.js';
import { SUBJECT_VIEW } from '../output/directory-view.js';

export const SUBJECT_PUT: Command = {
  path: ['subject', 'put'],
  summary: 'Say which roles and groups somebody has',
  detail:
    'It is as this says afterwards: what is left out is empty. In force on all coordinators within a second.',
  args: [{ name: 'SUBJECT', doc: "its id; an agent's is its agent id", complete: 'agent' }],
  options: [
    { name: 'type', value: 'TYPE', doc: 'what it is: agent, person, service, or a word of yours' },
    { name: 'role', value: 'ROLE', doc: 'a role that it holds itself', many: true },
    { ...GROUP, doc: 'a group that it belongs to' },
    ATTRIBUTES,
    CHECK_ONLY,
  ],
  examples: [
    { line: 'reeve subject put agent-1 --role reviewer', doc: 'gets tasks for reviewers from now on' },
    { line: 'reeve subject put ann --type person --group legal', doc: 'whatever the group holds' },
  ],
  run: async (invocation) => {
    const { given, out } = invocation;
    const [subjectId = ''] = given.args;
    const subject = {
      subjectId,
      subjectType: given.text('type') ?? '',
      roleIds: given.list('role'),
      groupIds: given.list('group'),
      attributes: objectOf(given, 'attributes') ?? {},
    };
    const validateOnly = given.switched('dry-run') ?? false;
    await out.one(SUBJECT_VIEW, await invocation.client().subjects.put(subject, { validateOnly }));
    return 0;
  },
};
