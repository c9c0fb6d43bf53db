/** The scenario of a seed. */
import { Dice } from '../dice.js';
import type { Scenario } from '../scenario.js';
import { drawAccount } from './account.js';
import { drawEvents } from './events.js';
import { drawLaterEvents } from './later-events.js';
import { drawOthers } from './others.js';
import { drawSpec } from './spec.js';

export function drawScenario(seed: number): Scenario {
  const dice = new Dice(seed);
  const [ofSpec, ofAccount, ofEvents] = [dice.fork(), dice.fork(), dice.fork()];
  const drawn = { account: drawAccount(ofAccount), spec: drawSpec(ofSpec) };
  const events = drawEvents(ofEvents, drawn);
  // The last dice, so that a seed keeps what the dice before decide.
  const { account, spec } = drawOthers(dice.fork(), drawn);
  const later = drawLaterEvents(dice.fork(), account);
  return { seed, spec, account, events: [...events, ...later].sort((a, b) => a.atSeconds - b.atSeconds) };
}
