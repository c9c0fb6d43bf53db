/** Entry of the bundle that both sides run: the real workflows, and probes of what they do not use. */
export { rollout, rolloutWaves } from '../../../../src/workflows/index.js';
export * from './probes.js';
