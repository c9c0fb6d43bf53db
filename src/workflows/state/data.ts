/** The data of a rollout. */
import { workflowInfo } from '@temporalio/workflow';
import type { EndpointObservation, InitialEndpoint } from '../../activities/interface/endpoint.js';
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import type { VariantStats, WatchState } from '../../activities/interface/watch.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { Outcome, Phase } from '../../plan/outcome.js';
import type { Gate } from '../../plan/compiled/gate.js';
import { type Names, resourceNamesOf, type Role, type Weights } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { type VariantNames, variantNamesOf } from '../../plan/compiled/variant-names.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import type { Split } from '../../plan/split/split.js';
import { type Cursor, cursorAtStart } from './cursor.js';
import type { Obstacle } from './obstacles.js';
import { trafficOf } from '../deployment/deployments.js';
import type { DeploymentInputs } from '../deployment/capacity.js';
import type { Hold, JobStatus, RolloutStatus, TimelineEntry } from '../messages.js';
import { startedByOf, now } from '../temporal/workflow-info.js';

/** All fields are plain JSON, because continue-as-new passes them to the next run. */
export class RolloutData {
  compiledPlan: Plan | null = null;
  starting: InitialEndpoint | null = null;
  readonly cursor: Cursor = cursorAtStart(Date.now());
  phase: Phase = 'planning';
  /** True from the start of the rollback window. */
  canUndo = false;
  outcome: Outcome | null = null;
  reason = 'validating the spec';
  stage = 0;
  paused = false;
  hold: Hold | null = null;
  /** When the next freeze begins, as last evaluated. Null: never, or one holds. */
  freezeBegins: string | null = null;
  obstacles: Obstacle[] = [];
  /** The event that ends the current wait. During a hold, the status shows the hold instead. */
  pendingWait: RolloutStatus['waitingFor'] = null;
  protected heldUntil: string | null = null;
  /** The gate that the rollout waits at, and the actors who have approved it. */
  gate: { gate: Gate; approvals: string[] } | null = null;
  jobs: JobStatus[] = [];
  models: Partial<Record<Role, string>> = {};
  /** ARNs of the model package versions that the rollout has registered. */
  registeredVersions: Partial<Record<Role, string>> = {};
  /** The last requested arrangement; null before the first deployment. */
  arrangement: DeploymentShape | null = null;
  /** The last requested weights; null before the candidate is deployed. */
  weights: Weights | null = null;
  /** Since when the weights are in effect, verified. Milliseconds, workflow time. Null: before the first change. */
  trafficSince: number | null = null;
  /** Number of weight changes. Samples measured under the same weights are one stratum. */
  weightChanges = 0;
  /** Instances that the rollout requested, as observed then; null: none requested. A later difference is external. */
  requestedCounts: Record<Role, number | null> = { baseline: null, candidate: null };
  /** The most instances that the baseline has had at a step. Null: not observed yet. */
  peakBaselineCount: number | null = null;
  /** Configs and endpoints that the rollout has created or was about to create, as text for operators. */
  createdResources: string[] = [];
  /** The baseline's variant, if the endpoint could not be moved to a config without it after the promotion. */
  keptVariant: string | null = null;
  /** Number of reverts of external changes. */
  reverts = 0;
  /** The split that the switches follow. */
  split: Split | null = null;
  /** Samples of the comparisons with the baseline so far, over all stages. */
  comparisons: WatchState['comparisons'] = {};
  /** Whether the rollout has ever requested user traffic for the candidate. */
  trafficMoved = false;
  /** When it first did. Milliseconds, workflow time. Null: it has not. */
  servesSince: number | null = null;
  observation: EndpointObservation | null = null;
  verdicts: Verdict[] = [];
  /** Ids of the guardrails whose failure is only reported, and was. */
  toldFailures: string[] = [];
  stats: VariantStats[] = [];
  readonly timeline: TimelineEntry[] = [];
  readonly startedAt = now();
  readonly startedBy = startedByOf(workflowInfo().memo);
  phaseSince = now();

  constructor(readonly endpoint: string) {}

  /** Throws before planning has ended. */
  get plan(): Plan {
    if (!this.compiledPlan) throw new Error('no plan yet');
    return this.compiledPlan;
  }

  get names(): Names {
    return resourceNamesOf(this.plan.rolloutId);
  }

  /** ARN of the role's model package version; null if it has none, or if it is not known yet. */
  versionOf(role: Role): string | null {
    const model = this.compiledPlan?.models[role];
    return model?.kind === 'package' ? model.arn : (this.registeredVersions[role] ?? null);
  }

  /** Variant names. A live baseline keeps its name. */
  get variants(): VariantNames {
    return variantNamesOf(this.plan, this.starting?.kind === 'live' ? this.starting.variantName : null);
  }

  /** Throws before preflight and models have ended. */
  get deploymentInputs(): DeploymentInputs {
    const { baseline = null, candidate } = this.models;
    if (!this.starting || !candidate) throw new Error('no models yet');
    return {
      plan: this.plan,
      starting: this.starting,
      models: { baseline, candidate },
      variants: this.variants,
      peakBaselineCount: this.peakBaselineCount,
    };
  }

  /** Application Auto Scaling decides the instances of the endpoint. */
  get isScaled(): boolean {
    return this.starting?.kind === 'live' && this.starting.scaling !== null;
  }

  /** Instances of the baseline before the rollout; null if the endpoint is new and the spec does not say. */
  get baselineCount(): number | null {
    return this.starting?.kind === 'live' ? this.starting.count : this.plan.serve.count;
  }

  /** Endpoint, variant and config of both arms. Throws before the first deployment. */
  get traffic(): ArmTraffic {
    if (!this.arrangement) throw new Error('nothing is deployed yet');
    return trafficOf(this.deploymentInputs, this.arrangement);
  }

  get waitingFor(): RolloutStatus['waitingFor'] {
    return this.hold === null ? this.pendingWait : { what: this.hold.message, until: this.heldUntil };
  }
}
