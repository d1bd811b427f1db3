import { describeAgentRecord } from '../conformance/agent-record.js';
import { openServerRecord } from '../support/servers/server-record.js';

describeAgentRecord('Postgres', () => openServerRecord());
