import { describeLeadership } from '../conformance/leadership.js';
import { describeLeaseClock } from '../conformance/lease-clock.js';
import { describeRetention } from '../conformance/retention.js';
import { leadershipsOn } from '../support/record-leadership.js';
import { openServerRecord } from '../support/servers/server-record.js';

describeLeadership('Postgres', async () => leadershipsOn(await openServerRecord()));
describeLeaseClock('Postgres', () => openServerRecord());
describeRetention('Postgres', () => openServerRecord());
