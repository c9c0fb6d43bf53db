/** Inserts every gate before the step that it guards. Pure. */
import type { Gate } from '../compiled/gate.js';
import type { Step } from '../compiled/step.js';

/** `share`: before the first step to that share or above. `promotion`: before the candidate gets all traffic. */
export type GatePlace = 'traffic' | 'promotion' | { share: number };

export interface PlacedGate {
  before: GatePlace;
  gate: Gate;
}

/** Gates before the same step keep the order of the spec. */
export function placeGates(steps: Step[], gates: PlacedGate[]): Step[] {
  return steps.flatMap((step, i): Step[] => {
    const here = gates.filter(({ before }) => indexOf(before, steps) === i);
    return [...here.map(({ gate }) => gateStep(gate, step.stage)), step];
  });
}

/** The gate belongs to the stage after it. */
function gateStep(gate: Gate, stage: number): Step {
  return { kind: 'gate', stage, gate };
}

function indexOf(place: GatePlace, steps: Step[]): number | null {
  const share = place === 'traffic' ? Number.MIN_VALUE : place === 'promotion' ? 100 : place.share;
  const index = steps.findIndex((step) => step.kind === 'setWeights' && step.weights.candidate >= share);
  return index === -1 ? null : index;
}
