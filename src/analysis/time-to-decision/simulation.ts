import type { Uniform } from './draws.js';

/** One run of a test: takes the looks in order, by their index; true where this one decides. */
export type DecisionSimulation = (look: number, uniform: Uniform) => boolean;
