/** Carries out the acts of one soak rollout (faults, alarms, commands, external changes) at their times. */
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../../src/emulator/http/service-error.js';
import { createConfig } from '../../test/e2e/live-endpoint.js';
import type { RolloutUnderTest } from '../../test/e2e/rollout-under-test.js';
import type { E2eEnvironment } from '../../test/e2e/e2e-environment.js';
import { ExternalChange } from '../../test/faults/runbook/external-change.js';
import { alarmOf, type Act, type Scenario } from './scenario.js';
import { externalChange } from './invariants.js';
import type { Operator } from './operator.js';

export class Acts {
  private isOver = false;

  constructor(
    private readonly environment: E2eEnvironment,
    private readonly scenario: Scenario,
    private readonly operator: Operator,
    private readonly rollout: RolloutUnderTest,
    /** Called for every act that took effect. */
    private readonly count: (what: string) => void,
  ) {}

  async carryOut(): Promise<void> {
    await Promise.all(this.scenario.acts.map((act) => this.carryOutInTime(act)));
  }

  /** Removes faults that did not occur yet, because they would hit the final checks. */
  end(): void {
    this.isOver = true;
    const { faults } = this.environment.emulator;
    for (const { id, fault } of faults.list()) if (fault.about === this.scenario.endpoint) faults.clear(id);
  }

  private async carryOutInTime(act: Act): Promise<void> {
    const due = Date.now() + act.atSeconds * 1000;
    while (Date.now() < due) {
      if (this.isOver) return;
      await delay(200);
    }
    if (this.isOver) return;
    const what = await this.perform(act);
    if (what !== null) this.count(what);
  }

  /** Returns the name of the effect. Null: none to count. */
  private async perform(act: Act): Promise<string | null> {
    const { environment } = this;
    const { endpoint } = this.scenario;
    switch (act.kind) {
      case 'fault':
        environment.emulator.faults.add(act.fault);
        return null;
      case 'alarm':
        await environment.setAlarm(alarmOf(endpoint), 'ALARM');
        return 'alarm in ALARM';
      case 'maintenance':
        return this.tryTo('maintenance by AWS', () =>
          environment.emulator.cause({ event: 'systemUpdate', endpoint, seconds: 3 }),
        );
      case 'hand':
        return this.tryTo(`external change of ${act.changes}`, () => this.changeExternally(act.changes));
      case 'command':
        if (act.command === 'pause') await this.operator.pauseFor(act.resumeAfterSeconds);
        else await this.operator.give(act.command);
        return null;
    }
  }

  /** An act that AWS rejects or does not answer has no effect. */
  private async tryTo(what: string, act: () => Promise<void>): Promise<string | null> {
    try {
      await act();
      return what;
    } catch (error) {
      if (error instanceof Error && ('$metadata' in error || error instanceof ServiceError)) return null;
      throw error;
    }
  }

  private async changeExternally(changes: 'weights' | 'config'): Promise<void> {
    const { endpoint } = this.scenario;
    const { sagemaker } = this.environment;
    const hand = new ExternalChange(sagemaker, this.rollout);
    if (changes === 'weights') return hand.setWeights(externalChange.baseline, externalChange.candidate);
    await createConfig(sagemaker, externalChange.config(endpoint), `${endpoint}-1`);
    return hand.updateTo(externalChange.config(endpoint));
  }
}
