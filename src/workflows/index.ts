/** Entry of the workflow bundle: the workflow types. */
export { rollout } from './rollout.js';
export { rolloutWaves } from './waves.js';
