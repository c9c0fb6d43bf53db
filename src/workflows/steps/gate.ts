/** Waits at a gate. Guardrails are active during the wait. */
import { CancellationScope } from '@temporalio/workflow';
import type { Gate } from '../../plan/compiled/gate.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { evaluateCalendarNow } from '../temporal/calendar.js';
import { checkBeforeChange } from '../monitoring/last-check.js';
import type { GateStep } from '../state/cursor.js';
import { describeGate } from '../state/status.js';
import { endsEarly } from './bake.js';
import { waitGuarded, waitUntilAllowed } from './wait-until-allowed.js';
import type { RolloutContext } from '../run/context.js';
import { RolloutStopped } from '../temporal/stop.js';

/** `promote --full` does not skip approvals and webhooks. */
export function isSkippedByFullPromotion(gate: Gate): boolean {
  return gate.kind === 'manual' || gate.kind === 'hours';
}

export async function waitForGate(run: RolloutContext, step: GateStep): Promise<void> {
  const { state, control, notifications } = run;
  const { gate } = step;
  if (step.part === 'before') {
    await waitUntilAllowed(run);
    control.clearStepPromotion();
    state.gate = { gate, approvals: [] };
    state.enterPhase('gated', describeGate(gate));
    state.beginPart(step, 'closed');
    state.setWaitingFor(describeGate(gate), endOf(run, gate));
    notifications.send('gate', describeGate(gate));
  }
  if (step.part === 'closed') {
    await waitUntilGateOpens(run, gate);
    state.gate = null;
    control.clearStepPromotion();
    state.addTimelineEntry({ kind: 'decision', message: `gate ${gate.id} is open` });
    state.beginPart(step, 'open');
  }
  // A verdict can have changed during the wait.
  if (state.trafficMoved) await checkBeforeChange(run);
}

/** Milliseconds, workflow time; null: the gate may stay closed for ever. */
function endOf({ state }: RolloutContext, { withinSeconds }: Gate): number | null {
  return withinSeconds === null ? null : state.cursor.since + withinSeconds * 1000;
}

async function waitUntilGateOpens(run: RolloutContext, gate: Gate): Promise<void> {
  const { state } = run;
  switch (gate.kind) {
    case 'manual':
      return waitFor(run, gate, () => endsEarly(run));
    case 'approval': {
      const isApproved = () => (state.gate?.approvals.length ?? 0) >= gate.people;
      return waitFor(run, gate, () => !state.paused && isApproved());
    }
    case 'hours':
      return waitForHours(run, gate);
    case 'webhook':
      return waitForWebhook(run, gate);
  }
}

async function waitFor(run: RolloutContext, gate: Gate, isOver: () => boolean): Promise<void> {
  await waitGuarded(run, isOver, endOf(run, gate));
  if (isOver()) return;
  const message = `gate ${gate.id} did not open within ${gate.withinSeconds} s`;
  throw new RolloutStopped({ kind: 'inconclusive', message });
}

async function waitForHours(run: RolloutContext, gate: Gate & { kind: 'hours' }): Promise<void> {
  const ends = endOf(run, gate) ?? Infinity;
  for (;;) {
    const answer = await evaluateCalendarNow(gate.open, `check the hours of gate ${gate.id}`);
    if ((answer.holds && !run.state.paused) || endsEarly(run)) return;
    // If the gate opens during a pause, the calendar is checked again after the pause.
    const resumed = () => answer.holds && !run.state.paused;
    const opens = answer.holds || answer.until === null ? Infinity : Date.parse(answer.until);
    const until = Math.min(opens, ends);
    await waitGuarded(run, () => endsEarly(run) || resumed(), Number.isFinite(until) ? until : null);
    if (!endsEarly(run) && Date.now() >= ends) return waitFor(run, gate, () => false);
  }
}

/** The poll and the watch run in parallel. The first one that ends cancels the other. */
async function waitForWebhook(run: RolloutContext, gate: Gate & { kind: 'webhook' }): Promise<void> {
  const { state } = run;
  const reply: { answer?: Awaited<ReturnType<typeof ask>>; error?: unknown } = {};
  const asking = new CancellationScope();
  const replied = asking
    .run(() => ask(run, gate))
    .then(
      (answer) => (reply.answer = answer),
      (error: unknown) => (reply.error = error),
    );
  // During a pause, a `yes` does not open the gate; a `no` still rolls back.
  const isOver = () =>
    reply.answer?.answer === 'yes' ? !state.paused : 'answer' in reply || 'error' in reply;
  try {
    await waitFor(run, gate, isOver);
  } finally {
    asking.cancel();
    await replied;
  }
  if (!reply.answer) throw reply.error;
  const { answer, message } = reply.answer;
  state.addTimelineEntry({ kind: 'decision', message: `gate ${gate.id} said ${answer}: ${message}` });
  if (answer === 'no') {
    throw new RolloutStopped({ kind: 'rejected', message: `gate ${gate.id} said no: ${message}` });
  }
}

function ask({ state }: RolloutContext, gate: Gate & { kind: 'webhook' }) {
  const { rolloutId, endpoint } = state.plan;
  const { pollGateWebhook } = proxyRolloutActivities({
    scheduleToCloseSeconds: null,
    summary: `poll the webhook of gate ${gate.id}`,
  });
  return pollGateWebhook({
    id: `${rolloutId}:${gate.id}`,
    gate: gate.id,
    address: gate.address,
    secretEnv: gate.secretEnv,
    everySeconds: gate.everySeconds,
    rolloutId,
    endpoint,
    stage: state.stage,
    weights: state.weights,
  });
}
