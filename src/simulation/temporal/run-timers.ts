/** The timers of a run. */
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import type { Scheduled } from '../clock.js';
import { EventType, longOf, type HistoryEvent } from './history.js';
import type { RunCore } from './run-core.js';

export class RunTimers {
  private readonly timers = new Map<number, Scheduled>();
  private readonly timerEvents = new Map<number, number>();

  constructor(private readonly run: RunCore) {}

  close(): void {
    for (const timer of this.timers.values()) timer.cancel();
  }

  start(seq: number, timeout: Parameters<typeof optionalTsToMs>[0], meta: Partial<HistoryEvent>): void {
    const startedEventId = this.run.add({
      eventType: EventType.EVENT_TYPE_TIMER_STARTED,
      timerStartedEventAttributes: {
        timerId: String(seq),
        startToFireTimeout: timeout ?? msToTs(0),
        workflowTaskCompletedEventId: longOf(this.run.completedEventId),
      },
      ...meta,
    });
    this.timerEvents.set(seq, startedEventId);
    const dueMs = this.run.host.clock.nowMs + (optionalTsToMs(timeout) ?? 0);
    const timer = this.run.host.clock.at(dueMs, () => {
      this.timers.delete(seq);
      if (this.run.end) return;
      this.run.add({
        eventType: EventType.EVENT_TYPE_TIMER_FIRED,
        timerFiredEventAttributes: { timerId: String(seq), startedEventId: longOf(startedEventId) },
      });
      this.run.deliver({ fireTimer: { seq } });
    });
    this.timers.set(seq, timer);
  }

  cancel(seq: number): void {
    const timer = this.timers.get(seq);
    // One that has fired meanwhile is in the jobs of the next task; the workflow does not wait for it.
    if (!timer) return;
    timer.cancel();
    this.timers.delete(seq);
    this.run.add({
      eventType: EventType.EVENT_TYPE_TIMER_CANCELED,
      timerCanceledEventAttributes: {
        timerId: String(seq),
        startedEventId: longOf(this.timerEvents.get(seq) ?? 0),
        workflowTaskCompletedEventId: longOf(this.run.completedEventId),
      },
    });
  }
}
