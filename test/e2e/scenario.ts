import type { Stage } from './e2e-environment.js';

export interface Scenario {
  /** The test's name. */
  it: string;
  play(stage: Stage): Promise<void>;
}

/** Scenarios by what they are about. */
export type Group = { about: string; scenarios: Scenario[] };
