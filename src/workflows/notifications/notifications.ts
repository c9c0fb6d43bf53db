/** Tells people what happens. Nothing waits for it while the rollout runs, and nothing fails because of it. */
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { Notice } from '../../activities/interface/notifications.js';
import { allowedSeconds } from '../../plan/schedule/timeouts.js';
import type { Channel, Occasion } from '../../plan/compiled/notifications.js';
import { activities } from '../temporal/activity-proxy.js';
import type { RolloutState } from '../state/state.js';
import { failureCause } from '../temporal/stop.js';

export class Notices {
  private readonly sending = new Set<Promise<void>>();

  /** `sequence`: how many were sent before. */
  constructor(
    private readonly state: RolloutState,
    public sequence = 0,
  ) {}

  send(occasion: Occasion, sentence: string): void {
    const { plan } = this.state;
    const channels = plan?.notify.filter((channel) => channel.occasions.includes(occasion)) ?? [];
    for (const [index, channel] of channels.entries()) {
      const notice = this.notice(occasion, sentence, index);
      const sent = CancellationScope.nonCancellable(() => this.deliver(channel, notice));
      this.sending.add(sent);
      void sent.finally(() => this.sending.delete(sent));
    }
    if (channels.length > 0) this.sequence++;
  }

  get areDelivered(): boolean {
    return this.sending.size === 0;
  }

  /** A workflow that ends takes what is still being sent with it. */
  async delivered(): Promise<void> {
    await Promise.all(this.sending);
  }

  private notice(occasion: Occasion, sentence: string, index: number): Notice {
    const { plan, endpoint } = this.state;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    return {
      id: `${plan?.rolloutId ?? firstExecutionRunId}:${this.sequence}:${index}`,
      occasion,
      at: new Date().toISOString(),
      rolloutId: plan?.rolloutId ?? null,
      workflowId,
      endpoint,
      strategy: plan?.strategy ?? null,
      sentence,
    };
  }

  private async deliver(channel: Channel, notice: Notice): Promise<void> {
    const { notify } = activities({
      within: allowedSeconds.notifying,
      silence: null,
      summary: `tell of: ${notice.occasion}`,
    });
    const failed = await notify({ channel, notice }).then(
      (report) => (report.delivered ? null : report.sentence),
      (error: unknown) => {
        const cause = failureCause(error);
        if (!cause) throw error;
        return cause.sentence;
      },
    );
    if (failed === null) return;
    this.state.note({
      kind: 'decision',
      sentence: `not told of ${notice.occasion} by ${channel.kind}: ${failed}`,
    });
  }
}
