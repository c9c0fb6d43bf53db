/**
 * What the workflow may ask of the outside world. Types only: the workflow sees no more than this folder.
 *
 * Every effect is convergent: an activity looks first, acts only where reality differs from the wish, and reports
 * success only from what it has read back. It is safe to run any of them again after a crash at any point.
 *
 * While something is on its way and nothing is decided, an activity throws the retryable failure `Watching`
 * (category BENIGN, `nextRetryDelay` set, message for people); the server keeps the timer. All other failure
 * types are listed in `FailureType`.
 */
import type { ProofVerification } from '../../identity/verify-proof.js';
import type { SignedCommand } from '../../identity/signed-command.js';
import type { Channel } from '../../plan/compiled/notifications.js';
import type { CalendarRule } from '../../plan/compiled/gate.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { ModelPlan, RegistrationPlan } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Role, Weights } from '../../plan/compiled/names.js';
import type { Adaptation } from '../../plan/compiled/step.js';
import type { ValidationPlan } from '../../plan/compiled/validation-plan.js';
import type { WavesPlan } from '../../plan/waves/waves.js';
import type { CalendarAnswer, TrainedModel, ValidationReport } from './results.js';
import type { DesiredDeployment } from './deployment.js';
import type { EndpointObservation, InitialEndpoint } from './endpoint.js';
import type { GateQuestion, Notification } from './notifications.js';
import type { ArmTraffic } from './traffic.js';
import type { WatchReport, WatchRequest, WatchState } from './watch.js';

export interface RolloutActivities {
  /** Validates the spec again and freezes the plan. Fails: InvalidSpec. */
  compileRollout(a: { spec: unknown; workflowId: string; runId: string }): Promise<Plan>;

  /** Validates a spec of waves, and the rollout of each endpoint with it. Fails: InvalidSpec. */
  compileWaves(a: { spec: unknown }): Promise<WavesPlan>;

  /** Changes nothing: endpoint InService or absent, one plain baseline variant, models and alarms exist and no alarm
   *  fires, names free or ours. Fails: PreflightFailed, with every finding in the message. */
  preflight(a: { plan: Plan }): Promise<InitialEndpoint>;

  /** Starts the job (or adopts ours) and watches it to Completed. Fails: TrainingFailed with the job's reason
   *  (also when it was stopped), NotOwned, QuotaExceeded. */
  trainModel(a: { rolloutId: string; model: ModelPlan & { kind: 'train' } }): Promise<TrainedModel>;

  /** Stops the job where it still runs, and watches it until it has ended. Nothing to do is success. */
  stopTraining(a: { jobName: string }): Promise<void>;

  /** Adds a version to the model package group (made where it is missing) and waits for its approval.
   *  Returns the package's ARN. Fails: NotApproved. */
  registerModel(a: {
    rolloutId: string;
    role: Role;
    registration: RegistrationPlan;
    model: ModelPlan & { kind: 'train' };
    artefact: string;
  }): Promise<{ packageArn: string }>;

  /** CreateModel from an artefact or a package, or adopts ours. Fails: NotOwned, Rejected. */
  createModel(a: {
    rolloutId: string;
    modelName: string;
    role: string;
    source: { packageArn: string } | { image: string; artefact: string };
  }): Promise<void>;

  /** Brings an endpoint onto the deployment's config: creates config and endpoint, or updates keeping live weights and
   *  counts, and watches until it is verified. Fails: EndpointFailed, UpdateReverted, NotOwned, QuotaExceeded. */
  deploy(a: {
    rolloutId: string;
    endpoint: string;
    deployment: DesiredDeployment;
  }): Promise<EndpointObservation>;

  /** Smoke requests, golden answers, latency and load through TargetVariant. Fails: ValidationFailed. */
  validate(a: { endpoint: string; variant: string; validation: ValidationPlan }): Promise<ValidationReport>;

  /** Sets the shares (percent) and watches until they are read back. `from`: the shares as the rollout left them; absent:
   *  whatever they are. Fails: Drift where a config is not the expected one, or the shares are others than `from` before
   *  they are set; EndpointNotFound. */
  setWeights(a: {
    traffic: ArmTraffic;
    weights: Weights;
    from?: Weights | undefined;
  }): Promise<EndpointObservation>;

  /** Brings each arm to at least `atLeast` instances, or, with `exactly`, up or down to it, and watches until they are read
   *  back. Null: that arm stays as it is. Fails: Drift, EndpointNotFound, QuotaExceeded. */
  setCounts(a: {
    traffic: ArmTraffic;
    counts: Record<Role, { atLeast: number } | { exactly: number; whileAt: number } | null>;
  }): Promise<EndpointObservation>;

  /** One DescribeEndpoint; null where there is no such endpoint. */
  observeEndpoint(a: { endpoint: string }): Promise<EndpointObservation | null>;

  /** Whether any of the rules holds now, until when that stays so (ISO 8601; null: for ever), and a sentence. */
  evaluateCalendar(a: { rules: CalendarRule[] }): Promise<CalendarAnswer>;

  /** POSTs to a gate's webhook, signed, until it says yes or no. */
  pollGateWebhook(a: GateQuestion): Promise<{ answer: 'yes' | 'no'; message: string }>;

  /** Tells one channel, once: what may have arrived is not sent again. Never fails because of the receiver. */
  sendNotification(a: {
    channel: Channel;
    notification: Notification;
  }): Promise<{ delivered: boolean; message: string }>;

  /** The candidate's next share, from what its goals have seen so far. Never a verdict. */
  chooseSplit(a: {
    goals: Goal[];
    comparisons: WatchState['comparisons'];
    adapt: Adaptation;
    share: number;
  }): Promise<{ share: number; message: string }>;

  /** Alarms, metric windows and drift: one look a try. */
  watchTraffic(a: WatchRequest): Promise<WatchReport>;

  /** Whether the actor's key has signed the command, which came at `at` (ISO 8601). Whatever keeps that from being said is
   *  an answer too. */
  verifyActor(a: { statement: SignedCommand; proof: string; at: string }): Promise<ProofVerification>;

  /** Deletes an endpoint config of this rollout that is not in use. Gone is success. Fails: NotOwned. */
  deleteConfig(a: { rolloutId: string; configName: string; endpoint: string }): Promise<void>;

  /** Deletes an endpoint that this rollout made. Gone is success. Fails: NotOwned. */
  deleteEndpoint(a: { rolloutId: string; endpoint: string }): Promise<void>;
}
