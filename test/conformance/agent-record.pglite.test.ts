import { openPgliteRecord } from '../support/pglite-record.js';
import { describeAgentRecord } from './agent-record.js';

describeAgentRecord('PGlite', () => openPgliteRecord());
