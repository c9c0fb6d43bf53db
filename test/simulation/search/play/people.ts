/** Operators who send commands, and others who change the endpoint. */
import {
  AddTagsCommand,
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import type { CallRecord } from '../../../../src/emulator/account/calls.js';
import type { Simulation } from '../../../../src/simulation/simulation.js';
import { decodeFailure, encodeAll } from '../../../../src/simulation/temporal/payloads.js';
import type { UpdateOutcome } from '../../../../src/simulation/temporal/run-updates.js';
import {
  endpoint,
  models,
  type Account,
  type ArmModel,
  type CommandName,
  type ExternalChange,
} from '../scenario.js';
import { withoutOthers } from './others.js';
import type { Given } from './record.js';

export class People {
  readonly given: Given[] = [];
  /** Calls of other people. */
  readonly foreign = new Set<CallRecord>();

  constructor(
    private readonly simulation: Simulation,
    private readonly workflowId: string,
    private readonly account: Account,
  ) {}

  /** Does not wait for the answer. False: the rollout has ended. */
  give(command: CommandName, actor: string): boolean {
    const { temporal } = this.simulation;
    if (temporal.latest(this.workflowId).end) return false;
    const reason = `command ${this.given.length + 1}`;
    const given: Given = {
      ...{ command, actor, reason, atMs: temporal.clock.nowMs },
      ...{ answer: 'none', answeredMs: null, message: '' },
    };
    this.given.push(given);
    this.send(given);
    return true;
  }

  /** As clients do, it is sent again to the next run if the run continued as new. */
  private send(given: Given): void {
    const { temporal } = this.simulation;
    const { command, actor, reason } = given;
    const name = command === 'promoteFull' ? 'promote' : command;
    const args = [{ actor, reason, ...(command === 'promoteFull' ? { full: true } : {}) }];
    const run = temporal.latest(this.workflowId);
    run.update(reason.replace(' ', '-'), name, encodeAll(args), (outcome: UpdateOutcome) => {
      if (run.end?.kind === 'continuedAsNew' && 'failure' in outcome) {
        temporal.clock.at(temporal.clock.nowMs, () => {
          if (!temporal.latest(this.workflowId).end) this.send(given);
        });
        return;
      }
      given.answeredMs = temporal.clock.nowMs;
      given.answer = 'failure' in outcome && !outcome.wasAccepted ? 'rejected' : 'accepted';
      if ('failure' in outcome) given.message = decodeFailure(outcome.failure).message;
    });
  }

  /** False: AWS rejected the change. */
  async change(change: ExternalChange): Promise<boolean> {
    const { calls } = this.simulation.emulator;
    const before = new Set(calls);
    try {
      return await this.carryOut(change);
    } catch (error) {
      if (error instanceof Error && '$metadata' in error) return false;
      throw error;
    } finally {
      for (const call of calls) if (!before.has(call)) this.foreign.add(call);
    }
  }

  private async carryOut(change: ExternalChange): Promise<boolean> {
    const { emulator, aws } = this.simulation;
    const { sagemaker } = aws;
    const observed = await emulator.observe(endpoint);
    if (observed === null) return false;
    const live = withoutOthers(observed, this.account);
    const variantOf = (model: ArmModel) =>
      live.variants.find((variant) => variant.model === models[model])?.name;
    switch (change.what) {
      case 'weights': {
        const wanted = (['baseline', 'candidate'] as const).map(
          (model) => [variantOf(model), change[model]] as const,
        );
        if (wanted.some(([name]) => name === undefined)) return false;
        const DesiredWeightsAndCapacities = wanted.map(([VariantName, DesiredWeight]) => ({
          VariantName,
          DesiredWeight,
        }));
        await sagemaker.send(
          new UpdateEndpointWeightsAndCapacitiesCommand({
            EndpointName: endpoint,
            DesiredWeightsAndCapacities,
          }),
        );
        return true;
      }
      case 'counts': {
        const VariantName = variantOf(change.model);
        if (VariantName === undefined) return false;
        const DesiredWeightsAndCapacities = [{ VariantName, DesiredInstanceCount: change.count }];
        await sagemaker.send(
          new UpdateEndpointWeightsAndCapacitiesCommand({
            EndpointName: endpoint,
            DesiredWeightsAndCapacities,
          }),
        );
        return true;
      }
      case 'others': {
        const VariantName = this.account.others[0]?.name;
        if (!observed.variants.some(({ name }) => name === VariantName)) return false;
        const count = change.count === null ? {} : { DesiredInstanceCount: change.count };
        await sagemaker.send(
          new UpdateEndpointWeightsAndCapacitiesCommand({
            EndpointName: endpoint,
            DesiredWeightsAndCapacities: [{ VariantName, DesiredWeight: change.weight, ...count }],
          }),
        );
        return true;
      }
      case 'config': {
        await sagemaker.send(new CreateEndpointConfigCommand(configOf(otherConfig, 2)));
        await sagemaker.send(
          new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: otherConfig }),
        );
        return true;
      }
      case 'deleteConfig':
        await sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: live.config }));
        return true;
      case 'tags': {
        const { EndpointArn } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint }));
        await sagemaker.send(
          new AddTagsCommand({
            ResourceArn: EndpointArn,
            Tags: [{ Key: 'penstock:rollout', Value: 'someone-else' }],
          }),
        );
        return true;
      }
    }
  }
}

export const originalConfig = `${endpoint}-original`;
export const originalVariant = 'AllTraffic';
export const otherConfig = `${endpoint}-other`;

/** A config of the baseline's model alone. */
export function configOf(EndpointConfigName: string, InitialInstanceCount: number) {
  return {
    EndpointConfigName,
    ProductionVariants: [
      {
        ...{ VariantName: originalVariant, ModelName: models.baseline },
        ...{ InstanceType: 'ml.m5.large' as const, InitialInstanceCount },
      },
    ],
  };
}
