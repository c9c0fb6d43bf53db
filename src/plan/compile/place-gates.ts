/** Puts every gate before the step that it guards. Pure. */
import type { Gate } from '../compiled/gate.js';
import type { Step } from '../compiled/step.js';

/** `share`: the first step that brings the candidate to it or beyond. `promotion`: the baseline is let go. */
export type GatePlace = 'traffic' | 'promotion' | { share: number };

export interface PlacedGate {
  before: GatePlace;
  gate: Gate;
}

/** Gates before the same step stand in the order in which they are given. */
export function placeGates(steps: Step[], gates: PlacedGate[]): Step[] {
  const guarded = steps.flatMap((step, i): Step[] => {
    const here = gates.filter(({ before }) => indexOf(before, steps) === i);
    return [...here.map(({ gate }) => gateStep(gate, step.stage)), step];
  });
  const last = gates.filter(({ before }) => before === 'promotion');
  const stage = steps.at(-1)?.stage ?? 0;
  return [...guarded, ...last.map(({ gate }) => gateStep(gate, stage))];
}

/** The gate belongs to the stage that it opens. */
function gateStep(gate: Gate, stage: number): Step {
  return { kind: 'gate', stage, gate };
}

function indexOf(place: GatePlace, steps: Step[]): number | null {
  if (place === 'promotion') return null;
  const share = place === 'traffic' ? Number.MIN_VALUE : place.share;
  const index = steps.findIndex((step) => step.kind === 'setWeights' && step.weights.candidate >= share);
  return index === -1 ? null : index;
}
