/** Connects signals, updates and queries to the rollout, each with the description that the Web UI shows. */
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import { scheduleOf } from '../plan/schedule.js';
import { legible, readAlarm } from './command-form.js';
import type { CommandName } from './command-rules.js';
import type { Control } from './control.js';
import * as messages from './messages.js';
import type { Command, RolloutStatus } from './messages.js';
import type { RolloutState } from './state.js';

export function listen(state: RolloutState, control: Control): void {
  const answer = <C extends Command>(
    name: CommandName,
    signal: SignalDefinition<[C]>,
    update: UpdateDefinition<RolloutStatus, [C]>,
    description: string,
  ) => {
    const carryOut = (command: C) => control.command(name, legible(command));
    setHandler(signal, carryOut, { description });
    setHandler(update, (command: C) => (carryOut(command), state.status()), {
      description,
      validator: (command: C) => refuse(control.refusal(name, legible(command))),
    });
  };
  answer('promote', messages.promoteSignal, messages.promoteUpdate, descriptions.promote);
  answer('abort', messages.abortSignal, messages.abortUpdate, descriptions.abort);
  answer('pause', messages.pauseSignal, messages.pauseUpdate, descriptions.pause);
  answer('resume', messages.resumeSignal, messages.resumeUpdate, descriptions.resume);
  answer('approve', messages.approveSignal, messages.approveUpdate, descriptions.approve);
  answer('retry', messages.retrySignal, messages.retryUpdate, descriptions.retry);
  answer('undo', messages.undoSignal, messages.undoUpdate, descriptions.undo);
  setHandler(messages.alarmSignal, (payload) => receiveAlarm(state, control, payload), {
    description:
      'An alarm pushed from outside: {"name", "state", "reason"}. ALARM of a guardrail rolls back at once.',
  });
  setHandler(messages.statusQuery, () => state.status(), {
    description:
      'Phase, step, set and actual weights, verdicts with evidence, what is awaited and until when.',
  });
  setHandler(messages.planQuery, () => describePlan(state), {
    description: 'The frozen plan with its earliest and latest end.',
  });
  setHandler(messages.timelineQuery, () => state.timeline, {
    description: 'Decisions, commands, weight changes and verdicts, in order.',
  });
}

const descriptions: Record<CommandName, string> = {
  promote:
    'End this bake now, open a manual gate, or end the rollback window. {"actor", "reason"}; "full": true skips the remaining steps. Guardrails keep their veto.',
  abort: 'Take the rollout back: all traffic to the baseline, verified. {"actor", "reason"}. Always wins.',
  pause: 'Stop advancing; guardrails stay on. {"actor", "reason"}',
  resume: 'Advance again after a pause. {"actor", "reason"}',
  approve: 'Approve the gate that waits for it; each person counts once. {"actor", "reason"}',
  retry: 'Try now what is held, instead of after the usual while. {"actor", "reason"}',
  undo: 'Within the rollback window: back to the baseline, verified. {"actor", "reason"}',
};

function refuse(refusal: string | null): void {
  if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'CommandRefused');
}

function receiveAlarm(state: RolloutState, control: Control, payload: unknown): void {
  const alarm = readAlarm(payload);
  if (alarm) return control.alarm(alarm);
  state.note({ kind: 'decision', sentence: 'an alarm signal without name and state was ignored' });
}

function describePlan(state: RolloutState): messages.PlannedRollout | null {
  if (!state.plan) return null;
  const { earliestEndSeconds, latestEndSeconds } = scheduleOf(state.plan);
  const after = (seconds: number) => new Date(Date.parse(state.startedAt) + seconds * 1000).toISOString();
  return {
    ...state.plan,
    earliestEnd: after(earliestEndSeconds),
    latestEnd: latestEndSeconds === null ? null : after(latestEndSeconds),
  };
}
