/** Registers the rollout's signals, updates and queries, with the descriptions that the Web UI shows. */
import { setHandler } from '@temporalio/workflow';
import { shownPlan } from '../../plan/compiled/shown-plan.js';
import { scheduleOf } from '../../plan/schedule/schedule.js';
import { parseAlarmSignal } from './sanitize.js';
import { commandNames, type CommandName } from './rules.js';
import { CommandHandler } from './handle-command.js';
import type { Control } from './control.js';
import { registerCommandHandler, type CommandDefinitions } from './register-command.js';
import * as messages from '../messages.js';
import type { PromoteCommand, RolloutStatus } from '../messages.js';
import { verifyCommandProof } from './verify-proof.js';
import type { RolloutState } from '../state/state.js';
import { timelineForQuery } from '../state/timeline.js';
import type { ProofReplayGuard } from './used-proofs.js';

export function registerHandlers(state: RolloutState, control: Control, usedProofs: ProofReplayGuard): void {
  const commands = new CommandHandler<CommandName, PromoteCommand>(control, verifyCommandProof, usedProofs);
  const status = () => state.status();
  for (const name of commandNames) {
    registerCommandHandler(commands, name, commandDefinitions[name], status, descriptions[name]);
  }
  setHandler(messages.alarmSignal, (payload) => receiveAlarm(state, control, payload), {
    description:
      'A state change of an alarm: {"name", "state", "reason"}. ALARM of a guardrail rolls back at once.',
  });
  setHandler(messages.statusQuery, () => state.status(), {
    description:
      'Phase, step, set and actual weights, verdicts with evidence, and what the rollout waits for.',
  });
  setHandler(messages.planQuery, () => describePlan(state), {
    description: 'The compiled plan with its earliest and latest end.',
  });
  setHandler(messages.timelineQuery, () => timelineForQuery(state.timeline), {
    description: 'Decisions, commands, weight changes and verdicts, in order.',
  });
}

const commandDefinitions: Record<CommandName, CommandDefinitions<RolloutStatus, PromoteCommand>> = {
  promote: { signal: messages.promoteSignal, update: messages.promoteUpdate },
  abort: { signal: messages.abortSignal, update: messages.abortUpdate },
  pause: { signal: messages.pauseSignal, update: messages.pauseUpdate },
  resume: { signal: messages.resumeSignal, update: messages.resumeUpdate },
  approve: { signal: messages.approveSignal, update: messages.approveUpdate },
  retry: { signal: messages.retrySignal, update: messages.retryUpdate },
  undo: { signal: messages.undoSignal, update: messages.undoUpdate },
};

const descriptions: Record<CommandName, string> = {
  promote:
    'End this bake now, open a manual gate, or end the rollback window. {"actor", "reason"}; "full": true skips the remaining steps. Guardrails keep their veto.',
  abort:
    'Roll back: all traffic to the baseline, verified. {"actor", "reason"}. Overrides every other command.',
  pause: 'Stop advancing. Guardrails stay active. {"actor", "reason"}',
  resume: 'Continue after a pause. {"actor", "reason"}',
  approve: 'Approve the current gate. Each person counts once. {"actor", "reason"}',
  retry: 'Check a held rollout again now instead of at the next poll. {"actor", "reason"}',
  undo: 'In the rollback window: roll back to the baseline, verified. {"actor", "reason"}',
};

function receiveAlarm(state: RolloutState, control: Control, payload: unknown): void {
  const alarm = parseAlarmSignal(payload);
  if (alarm) return control.alarm(alarm);
  state.addTimelineEntry({
    kind: 'decision',
    message: 'ignored an alarm signal: it has no name or no state',
  });
}

/** Without the values of environment variables, which can be secrets. */
function describePlan(state: RolloutState): messages.PlannedRollout | null {
  if (!state.compiledPlan) return null;
  const { earliestEndSeconds, latestEndSeconds } = scheduleOf(state.compiledPlan);
  const after = (seconds: number) => new Date(Date.parse(state.startedAt) + seconds * 1000).toISOString();
  return {
    ...shownPlan(state.compiledPlan),
    earliestEnd: after(earliestEndSeconds),
    latestEnd: latestEndSeconds === null ? null : after(latestEndSeconds),
  };
}
