/** What a rollout knows of itself. */
import { workflowInfo } from '@temporalio/workflow';
import type { EndpointObservation, InitialEndpoint } from '../../activities/interface/endpoint.js';
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import type { VariantStats, WatchState } from '../../activities/interface/watch.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { Outcome, Phase } from '../../plan/outcome.js';
import type { Gate } from '../../plan/compiled/gate.js';
import { type Names, resourceNamesOf, type Role, type Weights } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import type { Split } from '../../plan/split/split.js';
import { trafficOf } from '../deployment/deployments.js';
import type { DeploymentInputs } from '../deployment/capacity.js';
import type { Hold, JobStatus, RolloutStatus, TimelineEntry } from '../messages.js';
import { startedByOf, now } from '../temporal/workflow-info.js';

/** Its own fields are plain JSON: another run takes them over as they are. */
export class RolloutData {
  compiledPlan: Plan | null = null;
  starting: InitialEndpoint | null = null;
  phase: Phase = 'planning';
  /** From the beginning of the rollback window on. */
  canUndo = false;
  outcome: Outcome | null = null;
  reason = 'the spec is being checked';
  stage = 0;
  paused = false;
  hold: Hold | null = null;
  /** What comes next by itself; a hold is told in its place. */
  pendingWait: RolloutStatus['waitingFor'] = null;
  protected heldUntil: string | null = null;
  /** The gate that the rollout stands before, and who has approved. */
  gate: { gate: Gate; approvals: string[] } | null = null;
  jobs: JobStatus[] = [];
  models: Partial<Record<Role, string>> = {};
  /** What is up, or was last asked for; null before the first deployment. */
  arrangement: DeploymentShape | null = null;
  /** As last asked for; null before the candidate is deployed. */
  weights: Weights | null = null;
  /** How often the weights were changed: what was measured under one set of them is one stratum. */
  weightChanges = 0;
  /** Instances that the rollout has asked for, as read back; null: it has not. What differs later was changed by others. */
  requestedCounts: Record<Role, number | null> = { baseline: null, candidate: null };
  /** Configs and endpoints of its own that the rollout has begun to make, as people call them. */
  createdResources: string[] = [];
  /** How often someone else's change was put back. */
  reverts = 0;
  /** That the switches follow. */
  split: Split | null = null;
  /** What comparisons with the baseline have seen so far, over all stages. */
  comparisons: WatchState['comparisons'] = {};
  /** Whether the candidate was ever to get a user's request. */
  trafficMoved = false;
  observation: EndpointObservation | null = null;
  verdicts: Verdict[] = [];
  stats: VariantStats[] = [];
  readonly timeline: TimelineEntry[] = [];
  readonly startedAt = now();
  readonly startedBy = startedByOf(workflowInfo().memo);
  phaseSince = now();

  constructor(readonly endpoint: string) {}

  /** Steps after planning have a plan; asking earlier is a fault of our own. */
  get plan(): Plan {
    if (!this.compiledPlan) throw new Error('no plan yet');
    return this.compiledPlan;
  }

  get names(): Names {
    return resourceNamesOf(this.plan.rolloutId);
  }

  /** Variant names: a live baseline keeps the name it has. */
  get variants(): Record<Role, string> {
    const baseline = this.starting?.kind === 'live' ? this.starting.variantName : this.names.variant.baseline;
    return { baseline, candidate: this.names.variant.candidate };
  }

  /** What the deployments are made from; asking before preflight and training is a fault of our own. */
  get fleet(): DeploymentInputs {
    const { baseline = null, candidate } = this.models;
    if (!this.starting || !candidate) throw new Error('no fleet yet');
    return {
      plan: this.plan,
      starting: this.starting,
      models: { baseline, candidate },
      variants: this.variants,
    };
  }

  /** Instances of the baseline before anything was changed; null: it is new. */
  get baselineCount(): number | null {
    return this.starting?.kind === 'live' ? this.starting.count : this.plan.serve.count;
  }

  /** Where both arms are; asking before the deployment is a fault of our own. */
  get traffic(): ArmTraffic {
    if (!this.arrangement) throw new Error('nothing is deployed yet');
    return trafficOf(this.fleet, this.arrangement);
  }

  get waitingFor(): RolloutStatus['waitingFor'] {
    return this.hold === null ? this.pendingWait : { what: this.hold.message, until: this.heldUntil };
  }
}
