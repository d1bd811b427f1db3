import { openPgliteRecord } from '../support/pglite-record.js';
import { leadershipsOn } from '../support/record-leadership.js';
import { describeLeadership } from './leadership.js';
import { describeLeaseClock } from './lease-clock.js';
import { describeRetention } from './retention.js';

describeLeadership('PGlite', async () => leadershipsOn(await openPgliteRecord()));
describeLeaseClock('PGlite', () => openPgliteRecord());
describeRetention('PGlite', () => openPgliteRecord());
