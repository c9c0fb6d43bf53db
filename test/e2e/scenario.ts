import type { Stage } from './stage.js';

export interface Scenario {
  /** The test's name. */
  it: string;
  play(stage: Stage): Promise<void>;
}

/** Scenarios by what they are about. */
export type Group = { about: string; scenarios: Scenario[] };
