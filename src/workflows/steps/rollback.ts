/** Rolls back: runs the compensations and verifies them. Runs outside cancellation. */
import { sleep } from '@temporalio/workflow';
import type { EndpointObservation } from '../../activities/interface/endpoint.js';
import type { FailureType } from '../../activities/interface/failure-type.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { instanceCountsAt, shareOfBaseline } from '../deployment/capacity.js';
import { observePresent } from '../deployment/observe-present.js';
import { deleteUnusedResources } from './cleanup.js';
import { baselineOnly } from '../deployment/deployments.js';
import { setTrafficSplit, publishSingleTarget } from '../traffic/published-split.js';
import { actualWeightOf } from '../state/status.js';
import type { RolloutState } from '../state/state.js';
import { stopTrainingJob } from './prepare-models.js';
import type { RolloutContext } from '../run/context.js';
import { requestDrainSeconds } from '../run/timings.js';
import { failureOf, outcomeOfStop, describeStop, type StopReason } from '../temporal/stop.js';
import { setInstanceCounts } from './shift-traffic.js';
import { writeBackOutcome } from './write-back.js';
import type { Compensation } from '../temporal/compensations.js';
import { wasUnanswered } from '../temporal/unanswered.js';

/** Users may still get the candidate at first. */
const maxBackoffSeconds = 30;
const laterBackoffSeconds = 300;
const laterAfterSeconds = 900;
/** Time for more attempts if no worker answered the last one within the limit of the rollback. */
const lateAttemptsSeconds = 900;
/** Time for a weight change. After it, the update of the endpoint restores the baseline. */
const weightSeconds = 600;
/** An update of the endpoint can succeed when a change of weights does not. */
const refusals: (FailureType | 'TimedOut')[] = [
  ...(['Drift', 'AccessDenied', 'Rejected', 'QuotaExceeded'] as const),
  ...(['Throttled', 'Unavailable', 'Busy', 'TimedOut'] as const),
];
/** An obstacle pages after this time, and again at each interval until it is over. */
const pageAfterSeconds = 120;
const pageEverySeconds = 1_800;

/** Runs every compensation, newest first, and sets the outcome. Returns the names of leftovers. */
export async function rollBack(run: RolloutContext): Promise<string[]> {
  const { state, control, notifications } = run;
  const stop = control.stopped;
  if (!stop) throw new Error('rollback without a reason to stop');
  const reason = describeStop(stop);
  state.gate = null;
  state.showWatch(null);
  const compensations = run.compensations.drain();
  const deployed = compensations.some(({ kind }) => kind === 'restoreBaseline');
  if (compensations.length > 0) state.enterPhase('rollingBack', reason);
  if (deployed) notifications.send('rollback', `rolling back: ${reason}`);
  const failures: string[] = [];
  for (const compensation of compensations) {
    const action =
      compensation.kind === 'stopTraining'
        ? `stop training job ${compensation.jobName}`
        : compensation.description;
    state.addTimelineEntry({ kind: 'decision', message: `rolling back: ${action}` });
    const failure = await retryUntilVerified(run, () => compensate(run, compensation));
    if (!failure) continue;
    failures.push(`${action}: ${failure}`);
    if (compensation.kind === 'stopTraining')
      state.createdResources.push(`training job ${compensation.jobName}`);
  }
  if (failures.length > 0) {
    const message = `${reason}; rollback failed, manual action required: ${failures.join('; ')}`;
    state.end('rollbackFailed', message);
    notifications.send('page', message);
    // Some of these objects may serve traffic: an operator decides what to delete.
    return [...state.createdResources, ...(deployed ? await writeBackOutcome(run, 'rollbackFailed') : [])];
  }
  return finishRollback(run, stop, deployed);
}

function compensate(run: RolloutContext, compensation: Compensation): Promise<void> {
  switch (compensation.kind) {
    case 'stopTraining':
      return stopTrainingJob(run, compensation.jobName);
    case 'restoreBaseline':
      return restoreBaseline(run);
  }
}

async function finishRollback(run: RolloutContext, stop: StopReason, deployed: boolean): Promise<string[]> {
  const { state } = run;
  const outcome = outcomeOfStop(stop, state.trafficMoved);
  if (deployed)
    state.enterPhase(
      'cleaningUp',
      'the baseline is verified; deleting the resources that the rollout created',
    );
  const leftovers = deployed ? await deleteUnusedResources(run, 'candidate') : [];
  const unwritten = deployed ? await writeBackOutcome(run, outcome) : [];
  state.end(outcome, describeStop(stop));
  return [...leftovers, ...unwritten];
}

/**
 * Retries until the compensation is verified or the time is over. It retries non-retryable failures too, for example
 * access denied, because an operator can fix their cause meanwhile. A missing endpoint is one of them: a worker with the
 * credentials of another account or region does not find it either. Returns null when verified, else the last failure.
 */
async function retryUntilVerified(
  { state, forward, notifications }: RolloutContext,
  work: () => Promise<void>,
): Promise<string | null> {
  let ends = Date.now() + (state.compiledPlan?.limits.rollbackSeconds ?? 3600) * 1000;
  let mayBeLate = true;
  let pageAt: number | null = null;
  const began = Date.now();
  const maxPause = () =>
    Date.now() - began < laterAfterSeconds * 1000 ? maxBackoffSeconds : laterBackoffSeconds;
  for (let pause = 5; ; pause = Math.min(pause * 2, maxPause())) {
    try {
      await work();
      return null;
    } catch (error) {
      const cause = failureOf(error);
      if (!cause) throw error;
      if (wasUnanswered(error) && Date.now() >= ends && mayBeLate) {
        ends = Date.now() + lateAttemptsSeconds * 1000;
        mayBeLate = false;
      }
      if (Date.now() >= ends) return cause.message;
      const message = `the rollback is not verified yet: ${cause.message}`;
      const until = new Date(ends).toISOString();
      if (state.startHold({ reason: 'rollbackUnverified', message }, until))
        notifications.send('hold', message);
      pageAt ??= Date.now() + pageAfterSeconds * 1000;
      if (Date.now() >= pageAt) {
        notifications.send('page', message);
        pageAt = Date.now() + pageEverySeconds * 1000;
      }
      await forward.sleepUntilRetry(Math.min(pause * 1000, pageAt - Date.now(), ends - Date.now()));
    }
  }
}

/**
 * Sets all traffic to the baseline, then moves the endpoint to the baseline only. Weights go first, because they act
 * in a minute and an update takes several. If the endpoint is on another config, only the update restores the
 * baseline.
 */
async function restoreBaseline(run: RolloutContext): Promise<void> {
  const { state } = run;
  const { endpoint, limits, rolloutId, topology } = state.plan;
  const isNew = state.starting?.kind === 'absent';
  if (state.arrangement?.kind === 'candidateOnly') return removeEndpoint(run);
  if (state.trafficMoved) await shiftAllToBaseline(run);
  const { observeEndpoint } = proxyRolloutActivities({
    scheduleToCloseSeconds: limits.rollbackSeconds,
    summary: 'observe the endpoint',
  });
  const observed = await observeEndpoint({ endpoint });
  if (observed === null && isNew) {
    state.observation = null;
    return;
  }
  if (observed?.status === 'Failed' && isNew) return removeEndpoint(run);
  const deployment = baselineOnly(state.deploymentInputs);
  const { deploy } = proxyRolloutActivities({
    scheduleToCloseSeconds: limits.rollbackSeconds,
    summary: `roll back to config ${deployment.configName}`,
  });
  state.recordCreated(endpoint, deployment);
  state.observation = await deploy({ rolloutId, endpoint, deployment });
  publishSingleTarget(state, 'baseline');
  // Requests that switches have sent to the candidate's own endpoint end before it is deleted.
  if (topology === 'endpoints' && state.trafficMoved) {
    await sleep(requestDrainSeconds * 1000, { summary: 'drain requests in flight' });
  }
}

/**
 * Weights move at once, as far as the baseline's present instances can serve them. Only the rest waits for instances. If
 * the candidate fails more requests than it serves, everything moves at once: an overloaded baseline fails fewer.
 */
async function shiftAllToBaseline(run: RolloutContext): Promise<void> {
  const { state, control } = run;
  const present = await observePresent(run);
  const share = failsMostRequests(control.stopped) ? 100 : shareOfBaseline(state.deploymentInputs, present);
  if (share === 100 || share > servedByBaseline(state, present)) await shiftToBaseline(run, share);
  await scaleOutBaseline(run);
  if (share < 100) await shiftToBaseline(run, 100);
}

/** Percent. Someone else can have moved users back already: the rollback moves none of them to the candidate. */
function servedByBaseline(state: RolloutState, present: EndpointObservation | null): number {
  const wanted = state.weights?.baseline ?? 0;
  if (state.plan.topology === 'endpoints') return wanted;
  return Math.max(wanted, actualWeightOf(present, 'baseline', state) ?? 0);
}

function failsMostRequests(stop: StopReason | null): boolean {
  if (stop?.kind !== 'guardrail') return false;
  const { guardrail, evidence } = stop.verdict;
  const isOfErrors = guardrail === 'errorRate' || guardrail === 'modelErrorRate';
  return isOfErrors && evidence.unit === 'percent' && evidence.value !== null && evidence.value > 50;
}

/** `share`: percent. */
async function shiftToBaseline(run: RolloutContext, share: number): Promise<void> {
  const { state } = run;
  const { limits } = state.plan;
  const weights = { baseline: share, candidate: 100 - share };
  state.setDesiredWeights(weights);
  try {
    const summary = `roll back: ${share} % of the traffic to the baseline`;
    const scheduleToCloseSeconds = Math.min(limits.rollbackSeconds, weightSeconds);
    await setTrafficSplit(run, weights, { scheduleToCloseSeconds, summary });
  } catch (error) {
    const cause = failureOf(error);
    if (!cause || !refusals.some((type) => type === cause.type)) throw error;
    state.addTimelineEntry({
      kind: 'decision',
      message: `cannot set the weights: ${cause.message}; updating the endpoint instead`,
    });
  }
}

/**
 * Scales out to the initial count, whatever was last observed: a scale-in may be in progress, and an autoscaler
 * shrinks a variant without traffic. If it fails, the rollback continues: too few instances of the baseline beat a
 * bad candidate.
 */
async function scaleOutBaseline(run: RolloutContext): Promise<void> {
  const { deploymentInputs, plan } = run.state;
  const counts = { baseline: { atLeast: instanceCountsAt(deploymentInputs, 0).baseline }, candidate: null };
  try {
    await setInstanceCounts(run, counts, plan.limits.shiftSeconds, 'scale out the baseline');
  } catch (error) {
    const cause = failureOf(error);
    if (!cause) throw error;
    const message = `could not scale out the baseline before restoring its traffic: ${cause.message}`;
    run.state.addTimelineEntry({ kind: 'decision', message });
  }
}

/** Deletes an endpoint that the rollout made: it never came into service, or there is no baseline to return to. */
async function removeEndpoint({ state }: RolloutContext): Promise<void> {
  const { endpoint, limits, rolloutId } = state.plan;
  const { deleteEndpoint } = proxyRolloutActivities({
    scheduleToCloseSeconds: limits.rollbackSeconds,
    summary: 'delete the endpoint that the rollout created',
  });
  await deleteEndpoint({ rolloutId, endpoint });
  state.observation = null;
}
