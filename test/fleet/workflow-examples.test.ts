import { describeExamples } from '../examples/workflows/examples.js';
import { startFleet } from '../support/fleet-process.js';

// Started at one coordinator, watched at the other, on real stores; an agent at each.
describeExamples(() => startFleet());
