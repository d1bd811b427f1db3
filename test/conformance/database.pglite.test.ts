import { openEmptyPglite } from '../support/pglite-record.js';
import { describeDatabase } from './database.js';

describeDatabase('PGlite', openEmptyPglite);
