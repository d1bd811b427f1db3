import { openPgliteRecord } from '../support/pglite-record.js';
import { describeTaskRecord } from './task-record.js';

describeTaskRecord('PGlite', () => openPgliteRecord());
