import { expect, test } from 'vitest';
import { ExplainWorld } from './explain-world.js';

test('an approval is told of, however many are asked for before it', async () => {
  const world = new ExplainWorld(1);
  for (let i = 0; i < 1_001; i += 1) await world.submit({}, true);
  world.clock.advance(1_000);
  const { text } = await world.explain(await world.submit({}, true));
  expect(text).toMatch(
    /^It is AWAITING_APPROVAL\. A person has to approve it: it is dear\. If nobody says .* rejected\./,
  );
});
