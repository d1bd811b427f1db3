import { openPgliteRecord } from '../support/pglite-record.js';
import { durationsOn } from '../support/record-durations.js';
import { describeDurationRecord } from './duration-record.js';

describeDurationRecord('PGlite', async () => durationsOn(await openPgliteRecord()));
