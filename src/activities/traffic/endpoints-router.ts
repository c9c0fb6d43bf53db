import { activityInfo } from '@temporalio/activity';
import type { Role } from '../../plan/compiled/names.js';
import type { Split } from '../../plan/split/split.js';
import { armsOf, type RoleArm } from '../endpoint/arms.js';
import { observe } from '../endpoint/endpoint.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { ArmTraffic } from '../interface/traffic.js';
import { requestInstanceCount, type RouterDeps, type TrafficRouter } from './router.js';

/**
 * Topology `endpoints`: an endpoint each, and the switch divides by the split that the workflow has published. The split is
 * read back as a switch reads it.
 */
export function createEndpointsRouter(
  { sagemaker, readSplit }: RouterDeps,
  traffic: ArmTraffic,
): TrafficRouter {
  const arms = armsOf(traffic);
  return {
    // The workflow publishes the split before it asks; there is nothing to set at AWS.
    setWeights: () => Promise.resolve(),
    async readWeights(needed = arms) {
      const [split, ...seen] = await Promise.all([
        readSplit(workflowId()),
        ...arms.map(({ arm }) => observe(sagemaker, arm.endpoint)),
      ]);
      const sights = arms.map((of, i) => ({ ...of, seen: seen[i] ?? null }));
      return mergeReadings(sights, needed, split);
    },
    async setCounts(counts) {
      // One after the other: an attempt that one of them ends leaves none under way.
      for (const { role, arm } of arms) {
        const count = counts[role];
        if (count !== undefined) await requestInstanceCount(sagemaker, arm, count);
      }
    },
  };
}

function workflowId(): string {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) throw new Error('only a workflow publishes a split');
  return workflowExecution.workflowId;
}

export interface EndpointReading extends RoleArm {
  seen: EndpointObservation | null;
}

/** From bad to well. Any status that is not here passes by itself and comes before InService. */
const worst = ['Missing', 'Failed', 'UpdateRollbackFailed', 'OutOfService', 'Deleting'];

/** Both endpoints as one observation, with the split's shares for weights. Null where none that is needed exists. */
export function mergeReadings(
  sights: EndpointReading[],
  needed: RoleArm[],
  split: Split | null,
): EndpointObservation | null {
  const isNeeded = ({ role }: RoleArm) => needed.some((arm) => arm.role === role);
  const first = sights.find((sight) => isNeeded(sight) && sight.seen !== null)?.seen;
  if (!first) return null;
  const states = sights.filter(isNeeded).map(stateOf);
  const [state = { status: first.status, failureReason: null }] = states.sort(
    (a, b) => rankOf(a) - rankOf(b),
  );
  return {
    ...first,
    ...state,
    variants: sights.flatMap(({ role, arm, seen }) => {
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
  if (status === 'InService') return worst.length + 1;
  const rank = worst.indexOf(status);
  return rank === -1 ? worst.length : rank;
}

/** Percent. An arm that the split sends nobody to, or elsewhere, has nothing. */
function shareOf(split: Split | null, role: Role, endpoint: string): number {
  if (split?.targets[role]?.endpoint !== endpoint) return 0;
  if (role === 'candidate') return split.targets.baseline === null ? 100 : split.candidateShare;
  return split.targets.candidate === null ? 100 : 100 - split.candidateShare;
}
