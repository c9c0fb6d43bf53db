import { activityInfo } from '@temporalio/activity';
import type { Role } from '../../plan/compiled/names.js';
import type { Split } from '../../plan/split/split.js';
import { armsOf, type RoleArm } from '../endpoint/arms.js';
import { observe } from '../endpoint/endpoint.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { ArmTraffic } from '../interface/traffic.js';
import { requestInstanceCount, type RouterDeps, type TrafficRouter } from './router.js';

/**
 * Topology `endpoints`: each arm has its own endpoint, and the switch divides the traffic by the split that the
 * workflow has published. This router reads the split in the same way as a switch.
 */
export function createEndpointsRouter(
  { sagemaker, readSplit }: RouterDeps,
  traffic: ArmTraffic,
): TrafficRouter {
  const arms = armsOf(traffic);
  return {
    // The workflow publishes the split before it calls this activity. There is nothing to set in AWS.
    setWeights: () => Promise.resolve(),
    async readWeights(needed = arms) {
      const [split, ...seen] = await Promise.all([
        readSplit(workflowId()),
        ...arms.map(({ arm }) => observe(sagemaker, arm.endpoint)),
      ]);
      const readings = arms.map((arm, i) => ({ ...arm, seen: seen[i] ?? null }));
      return mergeReadings(readings, needed, split);
    },
    async setCounts(counts) {
      // In sequence: if one request fails and ends the attempt, no other request is in progress.
      for (const { role, arm } of arms) {
        const count = counts[role];
        if (count !== undefined) await requestInstanceCount(sagemaker, arm, count);
      }
    },
  };
}

function workflowId(): string {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined)
    throw new Error('cannot read the split: no workflow started this activity');
  return workflowExecution.workflowId;
}

export interface EndpointReading extends RoleArm {
  seen: EndpointObservation | null;
}

/** From unhealthy to healthy. Every other status is temporary, and ranks before InService. */
const unhealthy = ['Missing', 'Failed', 'UpdateRollbackFailed', 'OutOfService', 'Deleting'];

/**
 * Merges both endpoints into one observation, with the split's shares as weights. Null if no needed endpoint
 * exists.
 */
export function mergeReadings(
  readings: EndpointReading[],
  needed: RoleArm[],
  split: Split | null,
): EndpointObservation | null {
  const isNeeded = ({ role }: RoleArm) => needed.some((arm) => arm.role === role);
  const first = readings.find((reading) => isNeeded(reading) && reading.seen !== null)?.seen;
  if (!first) return null;
  const states = readings.filter(isNeeded).map(stateOf);
  const [state = { status: first.status, failureReason: null }] = states.sort(
    (a, b) => rankOf(a) - rankOf(b),
  );
  return {
    ...first,
    ...state,
    variants: readings.flatMap(({ role, arm, seen }) => {
      const weight = shareOf(split, role, arm.endpoint);
      return (seen?.variants ?? []).map((v) => ({ ...v, currentWeight: weight, desiredWeight: weight }));
    }),
  };
}

type EndpointState = Pick<EndpointObservation, 'status' | 'failureReason'>;

function stateOf({ arm, seen }: EndpointReading): EndpointState {
  if (seen === null) {
    return { status: 'Missing', failureReason: `endpoint ${arm.endpoint} does not exist` };
  }
  const { status, failureReason } = seen;
  if (status === 'InService') return { status, failureReason };
  return { status, failureReason: `endpoint ${arm.endpoint}: ${failureReason ?? 'no reason given'}` };
}

function rankOf({ status }: EndpointState): number {
  if (status === 'InService') return unhealthy.length + 1;
  const rank = unhealthy.indexOf(status);
  return rank === -1 ? unhealthy.length : rank;
}

/** Percent. 0 for an arm that is not a target of the split. */
function shareOf(split: Split | null, role: Role, endpoint: string): number {
  if (split?.targets[role]?.endpoint !== endpoint) return 0;
  if (role === 'candidate') return split.targets.baseline === null ? 100 : split.candidateShare;
  return split.targets.candidate === null ? 100 : 100 - split.candidateShare;
}
