/** What happens to one rollout of the soak while it goes on, each act at its time. */
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../../src/emulator/http/service-error.js';
import { createConfig } from '../../test/e2e/live-endpoint.js';
import type { RolloutUnderTest } from '../../test/e2e/rollout-under-test.js';
import type { E2eEnvironment } from '../../test/e2e/e2e-environment.js';
import { ExternalChange } from '../../test/faults/runbook/external-change.js';
import { alarmOf, type Act, type Course } from './course.js';
import { byHand } from './invariants.js';
import type { Operator } from './operator.js';

export class Acts {
  private isOver = false;

  constructor(
    private readonly stage: E2eEnvironment,
    private readonly course: Course,
    private readonly operator: Operator,
    private readonly rollout: RolloutUnderTest,
    /** Is told of every act that came to something. */
    private readonly count: (what: string) => void,
  ) {}

  async carryOut(): Promise<void> {
    await Promise.all(this.course.acts.map((act) => this.carryOutInTime(act)));
  }

  /** What has not struck yet would hit whoever looks at the end. */
  end(): void {
    this.isOver = true;
    const { faults } = this.stage.emulator;
    for (const { id, fault } of faults.list()) if (fault.about === this.course.endpoint) faults.clear(id);
  }

  private async carryOutInTime(act: Act): Promise<void> {
    const due = Date.now() + act.atSeconds * 1000;
    while (Date.now() < due) {
      if (this.isOver) return;
      await delay(200);
    }
    if (this.isOver) return;
    const what = await this.doAct(act);
    if (what !== null) this.count(what);
  }

  /** Returns what was done, or null. */
  private async doAct(act: Act): Promise<string | null> {
    const { stage } = this;
    const { endpoint } = this.course;
    switch (act.kind) {
      case 'fault':
        stage.emulator.faults.add(act.fault);
        return null;
      case 'alarm':
        await stage.setAlarm(alarmOf(endpoint), 'ALARM');
        return 'alarm in ALARM';
      case 'maintenance':
        return this.tryTo('maintenance by AWS', () =>
          stage.emulator.cause({ event: 'systemUpdate', endpoint, seconds: 3 }),
        );
      case 'hand':
        return this.tryTo(`${act.changes} by another hand`, () => this.changeByHand(act.changes));
      case 'command':
        if (act.command === 'pause') await this.operator.pauseFor(act.resumeAfterSeconds);
        else await this.operator.give(act.command);
        return null;
    }
  }

  /** What AWS refuses at this moment, or does not answer, comes to nothing. */
  private async tryTo(what: string, act: () => Promise<void>): Promise<string | null> {
    try {
      await act();
      return what;
    } catch (error) {
      if (error instanceof Error && ('$metadata' in error || error instanceof ServiceError)) return null;
      throw error;
    }
  }

  private async changeByHand(changes: 'weights' | 'config'): Promise<void> {
    const { endpoint } = this.course;
    const { sagemaker } = this.stage;
    const hand = new ExternalChange(sagemaker, this.rollout);
    if (changes === 'weights') return hand.setWeights(byHand.baseline, byHand.candidate);
    await createConfig(sagemaker, byHand.config(endpoint), `${endpoint}-1`);
    return hand.updateTo(byHand.config(endpoint));
  }
}
