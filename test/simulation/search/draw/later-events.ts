/**
 * Draws events that the other dice do not know, so that seeds keep what those decide: faults of the services that a rollout asks
 * beforehand, of Application Auto Scaling and of the model registry, and changes of the other variants.
 */
import type { FaultKind, WrongData } from '../../../../src/emulator/account/faults.js';
import type { Dice } from '../dice.js';
import type { Account, Event, Happening } from '../scenario.js';
import { operationsOf } from '../services.js';

const registry = ['ListModelPackages', 'DescribeModelPackage', 'UpdateModelPackage', 'CreateModel'];
const askedBeforehand = [...operationsOf('iam'), ...operationsOf('quotas'), ...operationsOf('sts')];

const callFaults: FaultKind[] = [
  ...(['throttle', 'error500', 'timeoutBeforeEffect', 'timeoutAfterEffect'] as const),
  ...(['lostResponse', 'slow', 'accessDenied'] as const),
];

export function drawLaterEvents(dice: Dice, account: Account): Event[] {
  const faults = dice.chance(0.5) ? Array.from({ length: dice.whole(1, 4) }, () => drawFault(dice)) : [];
  const changes =
    account.others.length > 0 && dice.chance(0.4)
      ? Array.from({ length: dice.whole(1, 2) }, () => drawChange(dice, account))
      : [];
  return [...faults, ...changes].map((happening) => ({ atSeconds: drawTime(dice), ...happening }));
}

/** Half of the calls are those of the preflight. */
function drawTime(dice: Dice): number {
  return dice.chance(0.5) ? 0 : dice.whole(0, 1_200);
}

function drawFault(dice: Dice): Happening {
  if (dice.chance(0.15))
    return {
      kind: 'serviceAway',
      service: dice.pick(['iam', 'quotas', 'sts', 'autoscaling', 'autoscaling']),
      fault: dice.pick(['throttle', 'error500', 'accessDenied']),
      forSeconds: dice.pick([30, 300, 3_600]),
    };
  const operation = dice.pick(dice.pick([registry, askedBeforehand, operationsOf('autoscaling')]));
  const nth = dice.whole(1, 3);
  if (dice.chance(0.15))
    return {
      ...{ kind: 'workerDiesInCall', operation, nth, stage: dice.pick(['before', 'after']) },
      forSeconds: dice.whole(1, 120),
    };
  const common = { operation, nth, count: dice.pick([1, 1, 2, 4, 10]), seconds: dice.pick([1, 5, 15, 30]) };
  if (/^(Describe|List)/.test(operation) && dice.chance(0.3)) {
    const data = dice.pick<WrongData>(
      operation.startsWith('Describe') ? ['stale', 'emptyResults'] : ['emptyResults'],
    );
    return { kind: 'fault', fault: 'wrongData', data, ...common };
  }
  return { kind: 'fault', fault: dice.pick(callFaults), ...common };
}

function drawChange(dice: Dice, { others }: Account): Happening {
  const weight = dice.pick([0, 1, 6]);
  const count = others[0]?.isScaled || dice.chance(0.5) ? null : dice.whole(1, 4);
  return { kind: 'external', change: { what: 'others', weight, count } };
}
