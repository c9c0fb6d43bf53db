/** What is bundled: the workflow types. */
export { rollout } from './rollout.js';
export { rolloutWaves } from './waves.js';
