import { openEmbedded } from '../../support/embedded.js';
import { describeExamples } from './examples.js';

describeExamples(async () => {
  const coordinator = await openEmbedded();
  return { addresses: [coordinator.address], stop: () => coordinator.stop() };
});
