/**
 * The users of a rehearsal. With one endpoint for each model there is a switch, which divides the users by the split of
 * the rollout. Otherwise SageMaker divides them by weight.
 */
import { splitMemoKey, type Split } from '../../plan/split/split.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Simulation } from '../../simulation/simulation.js';
import { decode } from '../../simulation/temporal/payloads.js';
import { rehearsedTrafficOf } from '../account/build-account.js';
import type { RehearsedAccount } from '../account/rehearsed-account.js';

export class UserTraffic {
  private seen: unknown = undefined;
  private shares: Map<string, number>;
  private isStopped = false;
  private maxCandidateShare = 0;

  constructor(
    private readonly simulation: Simulation,
    private readonly plan: Plan,
    private readonly account: RehearsedAccount,
    private readonly workflowId: string,
  ) {
    this.shares = new Map([[plan.endpoint, 1]]);
  }

  /** Whether the rollout has published another split since the last call of `follow`. */
  get hasNews(): boolean {
    return this.plan.topology === 'endpoints' && this.published !== this.seen;
  }

  /** The largest share of the users that the candidate could serve: with a switch, each user stays on one model. */
  get stickyShare(): number {
    return this.plan.topology === 'endpoints' ? this.maxCandidateShare : 1;
  }

  async follow(): Promise<void> {
    this.seen = this.published;
    const split = decode(this.published) as Split | undefined;
    if (split === undefined) return;
    // An endpoint that is no target any more gets no requests.
    this.shares = new Map([...this.shares.keys()].map((endpoint) => [endpoint, 0]));
    const { targets, candidateShare } = split;
    const { baseline, candidate } = targets;
    if (candidate !== null)
      this.maxCandidateShare = Math.max(this.maxCandidateShare, baseline === null ? 1 : candidateShare / 100);
    this.add(baseline?.endpoint, candidate === null ? 100 : 100 - candidateShare);
    this.add(candidate?.endpoint, baseline === null ? 100 : candidateShare);
    await this.apply();
  }

  /** Stops or resumes all requests. */
  async stop(isStopped: boolean): Promise<void> {
    this.isStopped = isStopped;
    await this.apply();
  }

  private get published() {
    return this.simulation.temporal.latest(this.workflowId).memo[splitMemoKey];
  }

  private add(endpoint: string | undefined, percent: number): void {
    if (endpoint !== undefined) this.shares.set(endpoint, (this.shares.get(endpoint) ?? 0) + percent / 100);
  }

  private async apply(): Promise<void> {
    const { requestsPerSecond, ...traffic } = rehearsedTrafficOf(this.account);
    for (const [endpoint, share] of this.shares) {
      const rate = this.isStopped ? 0 : requestsPerSecond * share;
      await this.simulation.emulator.setTraffic({ ...traffic, endpoint, requestsPerSecond: rate });
    }
  }
}
