/** Gates: what must be so before the rollout goes on. The guardrails watch while it waits. */
import { CancellationScope } from '@temporalio/workflow';
import type { Gate } from '../../plan/compiled/gate.js';
import { activities } from '../temporal/activity-proxy.js';
import { guardUntil, mayAdvance } from './wait-until-allowed.js';
import { lookOnceMore } from './bake.js';
import { gateSentence } from '../state/gate-sentence.js';
import type { Rollout } from '../run/context.js';
import { RolloutStopped } from '../temporal/stop.js';

/** Whether a promote of everything skips the gate: only what waits for nobody else. */
export function yieldsToPromotion(gate: Gate): boolean {
  return gate.kind === 'manual' || gate.kind === 'hours';
}

export async function passGate(run: Rollout, gate: Gate): Promise<void> {
  const { state, control, notices, memory } = run;
  const { ends } = await memory.once('gate', async () => {
    await mayAdvance(run);
    const ends = gate.withinSeconds === null ? null : Date.now() + gate.withinSeconds * 1000;
    control.forgetStepPromotion();
    state.gate = { gate, approvals: [] };
    state.enter('gated', gateSentence(gate));
    state.await(gateSentence(gate), ends);
    notices.send('gate', gateSentence(gate));
    return { ends };
  });
  await memory.once('open', () => untilOpen(run, gate, ends));
  state.gate = null;
  control.forgetStepPromotion();
  await memory.once('said', () => {
    state.note({ kind: 'decision', sentence: `gate ${gate.id} is open` });
  });
  // What was known before the gate may not be known behind it.
  if (state.trafficMoved) await lookOnceMore(run, 'everything known');
}

async function untilOpen(run: Rollout, gate: Gate, ends: number | null): Promise<void> {
  const { state, control } = run;
  switch (gate.kind) {
    case 'manual':
      return waitFor(run, gate, () => !state.paused && control.promotion !== null, ends);
    case 'approval':
      return waitFor(
        run,
        gate,
        () => !state.paused && (state.gate?.approvals.length ?? 0) >= gate.people,
        ends,
      );
    case 'hours':
      return waitForHours(run, gate, ends);
    case 'webhook':
      return waitForWebhook(run, gate, ends);
  }
}

async function waitFor(run: Rollout, gate: Gate, isOver: () => boolean, ends: number | null): Promise<void> {
  await guardUntil(run, isOver, ends);
  if (isOver()) return;
  const sentence = `gate ${gate.id} did not open within ${gate.withinSeconds} s`;
  throw new RolloutStopped({ kind: 'inconclusive', sentence });
}

async function waitForHours(
  run: Rollout,
  gate: Gate & { kind: 'hours' },
  ends: number | null,
): Promise<void> {
  const promoted = () => run.control.promotion !== null && !run.state.paused;
  for (;;) {
    const { consultCalendar } = activities({ within: null, summary: `is gate ${gate.id} open now?` });
    const answer = await consultCalendar({ rules: gate.open });
    if ((answer.holds && !run.state.paused) || promoted()) return;
    // Open, and paused: whether it still is when the pause is over, the calendar has to say again.
    const resumed = () => answer.holds && !run.state.paused;
    const opens = answer.holds || answer.until === null ? Infinity : Date.parse(answer.until);
    const until = Math.min(opens, ends ?? Infinity);
    await guardUntil(run, () => promoted() || resumed(), Number.isFinite(until) ? until : null);
    if (!promoted() && ends !== null && Date.now() >= ends) return waitFor(run, gate, () => false, ends);
  }
}

/** The question runs beside the guard; whichever ends first ends the other. */
async function waitForWebhook(
  run: Rollout,
  gate: Gate & { kind: 'webhook' },
  ends: number | null,
): Promise<void> {
  const { state } = run;
  const reply: { answer?: Awaited<ReturnType<typeof ask>>; error?: unknown } = {};
  const asking = new CancellationScope();
  const replied = asking
    .run(() => ask(run, gate))
    .then(
      (answer) => (reply.answer = answer),
      (error: unknown) => (reply.error = error),
    );
  // A pause keeps it shut; it is no reason to leave users where the service does not want them.
  const isOver = () =>
    reply.answer?.answer === 'yes' ? !state.paused : 'answer' in reply || 'error' in reply;
  try {
    await waitFor(run, gate, isOver, ends);
  } finally {
    asking.cancel();
    await replied;
  }
  if (!reply.answer) throw reply.error;
  const { answer, sentence } = reply.answer;
  state.note({ kind: 'decision', sentence: `gate ${gate.id} said ${answer}: ${sentence}` });
  if (answer === 'no') {
    throw new RolloutStopped({ kind: 'refused', sentence: `gate ${gate.id} said no: ${sentence}` });
  }
}

function ask({ state }: Rollout, gate: Gate & { kind: 'webhook' }) {
  const { rolloutId, endpoint } = state.frozen;
  const { askGate } = activities({ within: null, summary: `ask gate ${gate.id}` });
  return askGate({
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
