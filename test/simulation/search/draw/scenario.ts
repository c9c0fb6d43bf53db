/** The scenario of a seed. */
import { Dice } from '../dice.js';
import type { Scenario } from '../scenario.js';
import { drawAccount } from './account.js';
import { drawEvents } from './events.js';
import { drawSpec } from './spec.js';

export function drawScenario(seed: number): Scenario {
  const dice = new Dice(seed);
  const [ofSpec, ofAccount, ofEvents] = [dice.fork(), dice.fork(), dice.fork()];
  const account = drawAccount(ofAccount);
  const spec = drawSpec(ofSpec);
  return { seed, spec, account, events: drawEvents(ofEvents, { account, spec }) };
}
