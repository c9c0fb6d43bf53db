/** Inserts every gate before the step that it guards. Pure. */
import type { Gate } from '../compiled/gate.js';
import type { Step } from '../compiled/step.js';

/** `share`: before the first step to that share or above. `promotion`: before the baseline is removed. */
export type GatePlace = 'traffic' | 'promotion' | { share: number };

export interface PlacedGate {
  before: GatePlace;
  gate: Gate;
}

/** Gates before the same step keep the order of the spec. */
export function placeGates(steps: Step[], gates: PlacedGate[]): Step[] {
  const guarded = steps.flatMap((step, i): Step[] => {
    const here = gates.filter(({ before }) => indexOf(before, steps) === i);
    return [...here.map(({ gate }) => gateStep(gate, step.stage)), step];
  });
  const last = gates.filter(({ before }) => before === 'promotion');
  const stage = steps.at(-1)?.stage ?? 0;
  return [...guarded, ...last.map(({ gate }) => gateStep(gate, stage))];
}

/** The gate belongs to the stage after it. */
function gateStep(gate: Gate, stage: number): Step {
  return { kind: 'gate', stage, gate };
}

function indexOf(place: GatePlace, steps: Step[]): number | null {
  if (place === 'promotion') return null;
  const share = place === 'traffic' ? Number.MIN_VALUE : place.share;
  const index = steps.findIndex((step) => step.kind === 'setWeights' && step.weights.candidate >= share);
  return index === -1 ? null : index;
}
