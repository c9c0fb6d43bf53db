/** Records the traffic: the shares of the models whenever they change. In two endpoints it is also the switch. */
import { splitMemoKey, type Split } from '../../../../src/plan/split/split.js';
import type { Simulation } from '../../../../src/simulation/simulation.js';
import { decodeFields } from '../../../../src/simulation/temporal/payloads.js';
import type { ObservedEndpoint } from '../../../../src/emulator/control/controls.js';
import { endpoint, isCandidate, type Account } from '../scenario.js';
import { othersIn, pairFractionOf, withoutOthers } from './others.js';
import type { Sample } from './record.js';

const everyMs = 30_000;

export class Recorder {
  readonly samples: Sample[] = [];
  private isDue = false;
  private isOver = false;
  private lastMemo: object | null = null;
  private split: Split | null = null;
  /** The fraction of the endpoint's users that the baseline and the candidate have. */
  private pairFraction = 1;
  private requestsPerSecond: number;

  constructor(
    private readonly simulation: Simulation,
    private readonly workflowId: string,
    private readonly account: Account,
  ) {
    this.requestsPerSecond = account.requestsPerSecond;
  }

  begin(): void {
    const { clock } = this.simulation.temporal;
    const tick = async () => {
      if (this.isOver) return;
      await this.sample();
      clock.at(clock.nowMs + everyMs, tick);
    };
    clock.at(clock.nowMs, tick);
  }

  end(): void {
    this.isOver = true;
  }

  /** After the effect of a call. */
  sampleSoon(): void {
    if (this.isDue || this.isOver) return;
    this.isDue = true;
    const { clock } = this.simulation.temporal;
    clock.at(clock.nowMs, async () => {
      this.isDue = false;
      await this.sample();
    });
  }

  async sample(): Promise<Sample> {
    const { emulator, temporal } = this.simulation;
    await this.followSplit();
    const observed = await emulator.observe(endpoint);
    await this.followWeights(observed);
    const live = observed && withoutOthers(observed, this.account);
    const candidateShare = this.split ? this.split.candidateShare : shareOf(live);
    const last = this.samples.at(-1);
    const sample = {
      atMs: temporal.clock.nowMs,
      live,
      candidateShare,
      others: othersIn(observed, this.account),
    };
    if (last && JSON.stringify({ ...last, atMs: 0 }) === JSON.stringify({ ...sample, atMs: 0 })) return last;
    this.samples.push(sample);
    return sample;
  }

  /** `requestsPerSecond`: of the baseline and the candidate together. */
  async setTraffic(requestsPerSecond: number): Promise<void> {
    this.requestsPerSecond = requestsPerSecond;
    await this.divide();
  }

  /** Switches follow the split in the memo. */
  private async followSplit(): Promise<void> {
    const { memo } = this.simulation.temporal.latest(this.workflowId);
    if (memo === this.lastMemo) return;
    this.lastMemo = memo;
    const split = (decodeFields(memo)[splitMemoKey] as Split | undefined) ?? null;
    const isOfTwoEndpoints = split?.targets.candidate && split.targets.candidate.endpoint !== endpoint;
    const next = isOfTwoEndpoints || this.split ? split : null;
    if (JSON.stringify(next) === JSON.stringify(this.split)) return;
    this.split = next;
    await this.divide();
  }

  /** The pair keeps its users, and those of the other variants come on top. */
  private async followWeights(observed: ObservedEndpoint | null): Promise<void> {
    const fraction = observed === null ? 1 : pairFractionOf(observed.variants, this.account);
    if (fraction === this.pairFraction) return;
    this.pairFraction = fraction;
    await this.divide();
  }

  private async divide(): Promise<void> {
    const { split } = this;
    const requestsPerSecond = this.requestsPerSecond / this.pairFraction;
    const { emulator } = this.simulation;
    const share = (split?.candidateShare ?? 0) / 100;
    const other = split?.targets.candidate?.endpoint;
    await emulator.setTraffic({ endpoint, requestsPerSecond: requestsPerSecond * (1 - share) });
    if (other !== undefined && other !== endpoint)
      await emulator.setTraffic({ endpoint: other, requestsPerSecond: requestsPerSecond * share });
  }
}

function shareOf(live: ObservedEndpoint | null): number {
  const variants = live?.variants ?? [];
  const total = variants.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return 0;
  const own = variants.filter(({ model }) => isCandidate(model));
  return (100 * own.reduce((sum, { weight }) => sum + weight, 0)) / total;
}
