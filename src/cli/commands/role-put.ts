import type { Command } from '../command.js';
import { ATTRIBUTES, CHECK_ONLY, GROUP } from '../directory-options.js';
import { objectOf } from '../json-option.js';
import { ROLE_VIEW } from '../output/directory-view.js';

export const ROLE_PUT: Command = {
  path: ['role', 'put'],
  summary: 'Make a role, or change it',
  detail:
    'It is as this says afterwards: what is left out is empty. In force on all coordinators within a second.',
  args: [{ name: 'ROLE', doc: 'its id' }],
  options: [
    { name: 'type', value: 'TYPE', doc: 'what sort of role it is' },
    { name: 'space', value: 'SPACE', doc: 'the job space in which it counts', default: 'all' },
    { ...GROUP, doc: 'a group of subjects that hold it' },
    ATTRIBUTES,
    { name: 'description', value: 'TEXT', doc: 'what it is for' },
    CHECK_ONLY,
  ],
  examples: [
    { line: 'reeve role put reviewer --group legal', doc: 'held by everybody in the group legal' },
    { line: `reeve role put senior --type grade --attributes '{"level":3}'`, doc: 'to find it by' },
  ],
  run: async (invocation) => {
    const { given, out } = invocation;
    const [roleId = ''] = given.args;
    const role = {
      roleId,
      roleType: given.text('type') ?? '',
      jobSpaceId: given.text('space') ?? '',
      groupIds: given.list('group'),
      attributes: objectOf(given, 'attributes') ?? {},
      description: given.text('description') ?? '',
    };
    const validateOnly = given.switched('dry-run') ?? false;
    await out.one(ROLE_VIEW, await invocation.client().roles.put(role, { validateOnly }));
    return 0;
  },
};
