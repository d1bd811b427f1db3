import { openPgliteRecord } from '../support/pglite-record.js';
import { describeWorkflowRecord } from './workflow-record.js';

describeWorkflowRecord('PGlite', () => openPgliteRecord());
