/** Lets the events of a scenario happen in a simulation. */
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  type DescribeEndpointOutput,
  type DesiredWeightAndCapacity,
} from '@aws-sdk/client-sagemaker';
import type { Role } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { roleOfVariant } from '../../plan/compiled/role-of-variant.js';
import { variantNamesOf } from '../../plan/compiled/variant-names.js';
import { formatDuration } from '../../plan/units/durations.js';
import type { Simulation } from '../../simulation/simulation.js';
import { alarmDefinitionOf } from '../account/build-account.js';
import type { RehearsedAccount } from '../account/rehearsed-account.js';
import type { EventEffect, ModelProfile } from '../scenario/scenario.js';
import type { Agenda } from './agenda.js';
import type { UserTraffic } from './user-traffic.js';

export interface EventTarget {
  simulation: Simulation;
  agenda: Agenda;
  plan: Plan;
  account: RehearsedAccount;
  traffic: UserTraffic;
  /** Changes how the candidate behaves. */
  changeCandidate: (profile: ModelProfile) => Promise<void>;
  /** Records what happened, for the report. */
  record: (message: string) => void;
}

const minuteMs = 60_000;
/** Delay until someone tries again to change an endpoint that is being updated. */
const retryMs = 30_000;

export async function applyEvent(target: EventTarget, effect: EventEffect): Promise<void> {
  const { simulation, traffic, record } = target;
  const { emulator, temporal } = simulation;
  switch (effect.kind) {
    case 'candidateChanges':
      await target.changeCandidate(effect.profile);
      record('the candidate changes');
      return;
    case 'cloudWatchAway':
      await emulator.setMetricsOutage('error');
      record(`CloudWatch fails for ${formatDuration(effect.seconds)}`);
      return later(target, effect.seconds * 1000, async () => {
        await emulator.setMetricsOutage(null);
        record('CloudWatch is back');
      });
    case 'workersAway':
      temporal.worker.restartAfter(effect.seconds * 1000);
      record(`no worker runs for ${formatDuration(effect.seconds)}`);
      return;
    case 'awsThrottles': {
      const id = emulator.faults.add({ operation: '*', kind: 'throttle', probability: effect.share });
      record(`AWS throttles ${100 * effect.share} % of the calls for ${formatDuration(effect.seconds)}`);
      return later(target, effect.seconds * 1000, () => {
        emulator.faults.clear(id);
        record('AWS no longer throttles');
        return Promise.resolve();
      });
    }
    case 'weightsEdited':
      return editWeights(target, effect.candidateShare);
    case 'alarmFires':
      return fireAlarm(target, effect);
    case 'baselineShrinks':
      return shrinkBaseline(target, effect.instances);
    case 'trafficStops':
      await traffic.stop(true);
      record(`no requests for ${formatDuration(effect.seconds)}`);
      return later(target, effect.seconds * 1000, async () => {
        await traffic.stop(false);
        record('requests arrive again');
      });
  }
}

function later({ agenda, simulation }: EventTarget, delayMs: number, work: () => Promise<void>): void {
  agenda.add(simulation.temporal.clock.nowMs + delayMs, work);
}

/** Role and name of each variant that the endpoint has. */
function rolesOf({ plan, account }: EventTarget, live: DescribeEndpointOutput): Map<Role | null, string> {
  const { rolloutId } = plan;
  const variants = variantNamesOf(plan, account.endpoint?.variantName ?? null);
  const { ProductionVariants = [], EndpointConfigName: configName = '' } = live;
  const names = ProductionVariants.flatMap(({ VariantName }) => VariantName ?? []);
  return new Map(names.map((name) => [roleOfVariant({ name, configName }, { rolloutId, variants }), name]));
}

async function editWeights(target: EventTarget, candidateShare: number): Promise<void> {
  await changeEndpoint(target, (names) =>
    names.has('candidate')
      ? [...names].map(([role, VariantName]) => ({
          VariantName,
          DesiredWeight: role === 'candidate' ? candidateShare : 1 - candidateShare,
        }))
      : null,
  );
  target.record(`someone sets the candidate's weight to ${100 * candidateShare} %`);
}

async function shrinkBaseline(target: EventTarget, instances: number): Promise<void> {
  await changeEndpoint(target, (names) => {
    const baseline = names.get('baseline');
    return baseline === undefined ? null : [{ VariantName: baseline, DesiredInstanceCount: instances }];
  });
  target.record(`an autoscaler sets the baseline to ${instances} instance${instances === 1 ? '' : 's'}`);
}

/** As someone else changes the endpoint. SageMaker rejects it during an update, so they try again later. */
async function changeEndpoint(
  target: EventTarget,
  changesFor: (variants: Map<Role | null, string>) => DesiredWeightAndCapacity[] | null,
): Promise<void> {
  const { sagemaker } = target.simulation.aws;
  const EndpointName = target.plan.endpoint;
  const live = await sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
  const changes = changesFor(rolesOf(target, live));
  if (changes === null) return;
  try {
    const DesiredWeightsAndCapacities = changes;
    await sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName, DesiredWeightsAndCapacities }),
    );
  } catch (error) {
    if ((error as Error).name !== 'ValidationException') throw error;
    later(target, retryMs, () => changeEndpoint(target, changesFor));
  }
}

async function fireAlarm(
  target: EventTarget,
  { alarm, times, everySeconds, ...rest }: EventEffect & { kind: 'alarmFires' },
): Promise<void> {
  if (alarm === null) throw new Error('the scenario fires no alarm of the spec');
  await setAlarm(target, alarm, 'ALARM');
  target.record(`alarm ${alarm} fires for a minute`);
  later(target, minuteMs, () => setAlarm(target, alarm, 'OK'));
  if (times > 1)
    later(target, everySeconds * 1000, () =>
      fireAlarm(target, { ...rest, alarm, everySeconds, times: times - 1 }),
    );
}

/**
 * CloudWatch sets the state of an alarm again at its next evaluation, at the latest after a minute. So the rule of a
 * firing alarm is one that always fires, until its own rule is there again.
 */
async function setAlarm(
  { simulation, account, plan }: EventTarget,
  AlarmName: string,
  StateValue: 'ALARM' | 'OK',
): Promise<void> {
  const { cloudwatch } = simulation.aws;
  const alarm = account.alarms.find(({ name }) => name === AlarmName);
  if (alarm === undefined) throw new Error(`the account has no alarm ${AlarmName}`);
  const own = alarmDefinitionOf(alarm, plan);
  const firing = { ...alarmDefinitionOf({ name: AlarmName, kind: 'quiet' }, plan), ...alwaysFiring };
  await cloudwatch.send(new PutMetricAlarmCommand(StateValue === 'OK' ? own : firing));
  const StateReason = 'rehearsal';
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason }));
}

const alwaysFiring = { TreatMissingData: 'breaching' };
