/**
 * The contract between workflows and activities. Types only: a workflow imports no other folder of the
 * activities.
 *
 * Activities are idempotent reconcilers. Each one observes first, acts only if actual and desired state differ,
 * and reports success only after it has read the result back. A retry is safe after a crash at any point.
 *
 * Activities that read or change SageMaker run only in the account in which the rollout started (`InStartAccount`, which
 * the workflow adds to every argument). Fails: WrongAccount.
 *
 * A polling activity checks once. If nothing is decided yet, it throws the retryable failure `InProgress`
 * (category BENIGN, with `nextRetryDelay` and a message for people), and the server keeps the timer.
 * `FailureType` lists all failure types.
 */
import type { ProofVerification } from '../../identity/verify-proof.js';
import type { SignedCommand } from '../../identity/signed-command.js';
import type { AwsMembers } from '../../plan/compiled/aws-members.js';
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
import type { ResourceTags } from './tags.js';
import type { VersionChoice, WriteBackRequest } from './versions.js';
import type { EndpointObservation, InitialEndpoint, ModelNetwork } from './endpoint.js';
import type { GateQuestion, Notification } from './notifications.js';
import type { ArmTraffic } from './traffic.js';
import type { WatchReport, WatchRequest, WatchState } from './watch.js';

export interface RolloutActivities {
  /** Validates the spec again and compiles the plan. `spec`: JSON, or a SpecInWaves. Fails: InvalidSpec. */
  compileRollout(a: { spec: unknown; workflowId: string; runId: string }): Promise<Plan>;

  /** Validates a spec of waves, and the spec of each endpoint's rollout in it. Fails: InvalidSpec. */
  compileWaves(a: { spec: unknown }): Promise<WavesPlan>;

  /**
   * Changes nothing. Checks that:
   * - the endpoint is absent, or InService with one plain variant
   * - models and alarms exist, and no alarm fires
   * - CloudWatch has data for custom metrics
   * - each resource name is free, or owned by this rollout
   * - the worker has the environment variables of gates and channels
   * - quotas and permissions are enough, if AWS tells
   *
   * Chooses the candidate's version, if the plan names its group. Returns what people should know as `warnings`.
   *
   * Fails: PreflightFailed, with every finding in the message.
   */
  preflight(a: { plan: Plan }): Promise<InitialEndpoint>;

  /** Chooses the version of a group, for rollouts that must have the same one. Changes nothing. */
  chooseVersion(a: { group: string }): Promise<VersionChoice>;

  /**
   * Starts the job, or adopts the one that this rollout has started, and polls it until it is Completed.
   * Fails: TrainingFailed with the job's reason (also for a stopped job), NotOwned, QuotaExceeded.
   */
  trainModel(a: {
    rolloutId: string;
    model: ModelPlan & { kind: 'train' };
    tags: ResourceTags;
  }): Promise<TrainedModel>;

  /**
   * Stops the job if it still runs, and polls it until it has ended. Succeeds if the job is missing or has
   * ended.
   */
  stopTraining(a: { jobName: string }): Promise<void>;

  /**
   * Adds a version to the model package group and waits for its approval. Creates the group, with `tags`, if it is missing.
   * Returns the package's ARN.
   * Fails: NotApproved.
   */
  registerModel(a: {
    rolloutId: string;
    role: Role;
    registration: RegistrationPlan;
    model: ModelPlan & { kind: 'train' };
    artefact: string;
    tags: ResourceTags;
  }): Promise<{ packageArn: string }>;

  /**
   * Creates the model from an artifact or a package, or adopts the one that this rollout has created. `settings`: members of
   * CreateModel, which replace those of `network`.
   * Fails: NotOwned, Rejected.
   */
  createModel(a: {
    rolloutId: string;
    modelName: string;
    role: string;
    source: { packageArn: string } | { image: string; artefact: string };
    network: ModelNetwork;
    settings?: AwsMembers;
    tags: ResourceTags;
  }): Promise<void>;

  /**
   * Brings an endpoint onto the deployment's config and polls until this is verified. Creates config and
   * endpoint, or updates the endpoint and keeps live weights and counts. Brings the autoscaling of its variants to the
   * desired state too. `freeze`: absent for a rollback.
   * Fails: EndpointFailed, UpdateReverted, EndpointNotFound, NotOwned, QuotaExceeded, Frozen.
   */
  deploy(a: {
    rolloutId: string;
    endpoint: string;
    deployment: DesiredDeployment;
    freeze?: CalendarRule[];
  }): Promise<EndpointObservation>;

  /**
   * Sends smoke requests, golden requests, timed requests and load to one variant (TargetVariant).
   * Fails: ValidationFailed.
   */
  validate(a: {
    rolloutId: string;
    endpoint: string;
    variant: string;
    validation: ValidationPlan;
  }): Promise<ValidationReport>;

  /**
   * Sets the shares (percent) and polls until they are read back. `from`: the shares that the rollout set last;
   * if it is absent, any shares are overwritten. `freeze`: absent for a rollback.
   * Fails: Drift if a config is not the expected one, or if the shares differ from `from` before they are set;
   * EndpointFailed, EndpointNotFound, Frozen.
   */
  setWeights(a: {
    traffic: ArmTraffic;
    weights: Weights;
    from?: Weights | undefined;
    freeze?: CalendarRule[];
  }): Promise<EndpointObservation>;

  /**
   * Brings each arm to at least `atLeast` instances, or to `exactly` so many while it has `whileAt`, and polls
   * until the counts are read back. Null: that arm keeps its count.
   * Fails: Drift, EndpointFailed, EndpointNotFound, QuotaExceeded.
   */
  setCounts(a: {
    traffic: ArmTraffic;
    counts: Record<Role, { atLeast: number } | { exactly: number; whileAt: number } | null>;
  }): Promise<EndpointObservation>;

  /** One DescribeEndpoint. Null if the endpoint does not exist. */
  observeEndpoint(a: { endpoint: string }): Promise<EndpointObservation | null>;

  /** Whether any rule applies now, until when (ISO 8601; null: for ever), and a message. */
  evaluateCalendar(a: { rules: CalendarRule[] }): Promise<CalendarAnswer>;

  /**
   * Sends the gate's question to its webhook as a signed POST, and repeats it until the answer is yes or no.
   */
  pollGateWebhook(a: GateQuestion): Promise<{ answer: 'yes' | 'no'; message: string }>;

  /**
   * Notifies one channel, at least once: an attempt without an answer is repeated, with the same id.
   * Fails: Rejected by the receiver.
   */
  sendNotification(a: { channel: Channel; notification: Notification }): Promise<void>;

  /** The candidate's next share in percent, from the data of the goals so far. Gives no verdict. */
  chooseSplit(a: {
    goals: Goal[];
    comparisons: WatchState['comparisons'];
    adapt: Adaptation;
    share: number;
  }): Promise<{ share: number; message: string }>;

  /**
   * Checks alarms, metric windows and drift, once per attempt. Reports when something is decided or the round
   * ends.
   */
  watchTraffic(a: WatchRequest): Promise<WatchReport>;

  /**
   * Whether the actor's key has signed the command, which arrived at `at` (ISO 8601). Never fails: an error
   * while verifying gives the result `unverifiable`.
   */
  verifyActor(a: { statement: SignedCommand; proof: string; at: string }): Promise<ProofVerification>;

  /**
   * Records the end of the rollout on the candidate's version, and polls until it is read back. The marks of a rollout that
   * ended later stay.
   * Fails: AccessDenied, for example for a version of another account; Rejected, also if the version is gone.
   */
  writeBackVersion(a: WriteBackRequest): Promise<void>;

  /**
   * Deletes an endpoint config of this rollout that is not in use. Succeeds if it does not exist.
   * Fails: NotOwned.
   */
  deleteConfig(a: { rolloutId: string; configName: string; endpoint: string }): Promise<void>;

  /**
   * Deletes an endpoint that this rollout created. Succeeds if it does not exist. `isScaled`: its variants can be scalable
   * targets, which are deregistered first. Fails: NotOwned.
   */
  deleteEndpoint(a: { rolloutId: string; endpoint: string; isScaled?: boolean }): Promise<void>;
}
