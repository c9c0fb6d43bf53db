/** The scenarios that both sides play. */
import type { Scenario } from '../side.js';
import { activityScenarios } from './activities.js';
import { commandScenarios } from './commands.js';
import { endScenarios } from './ends.js';
import { gateScenarios } from './gates.js';
import { guardrailScenarios } from './guardrails.js';
import { orderScenarios } from './order.js';
import { runScenarios } from './runs.js';
import { strategyScenarios } from './strategies.js';
import { wavesScenarios } from './waves.js';

export const scenarios: Scenario[] = [
  ...strategyScenarios,
  ...commandScenarios,
  ...gateScenarios,
  ...guardrailScenarios,
  ...activityScenarios,
  ...endScenarios,
  ...runScenarios,
  ...wavesScenarios,
  ...orderScenarios,
];
