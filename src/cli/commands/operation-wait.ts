import type { Command } from '../command.js';
import { followOperation, requireSuccess } from '../operations/follow-operation.js';
import { OPERATION_VIEW } from '../output/operation-view.js';

export const OPERATION_WAIT: Command = {
  path: ['operation', 'wait'],
  summary: 'Wait until an operation has ended',
  detail:
    'Exit code 0 when it has done all it was to do, 1 when it ended otherwise, 124 when --timeout passes first. Prints it.',
  args: [{ name: 'ID', doc: 'operation', complete: 'operation' }],
  examples: [{ line: 'reeve operation wait ID --timeout 5m', doc: 'with a bound' }],
  run: async (invocation) => {
    const { given, out, client } = invocation;
    const [id = ''] = given.args;
    const found = await client().operations.get(id);
    invocation.beginWaiting(`The operation goes on. Wait longer: reeve operation wait ${id} --timeout 10m`);
    const ended = await followOperation(invocation, found);
    await out.one(OPERATION_VIEW, ended);
    requireSuccess(ended);
    return 0;
  },
};
