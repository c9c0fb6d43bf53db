/** Part of a workflow id: such a rollout continues as new after few events. */
export const shortRuns = 'short-runs';
