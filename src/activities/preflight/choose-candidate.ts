import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { withVersion, type ModelPlan } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { ChosenVersion } from '../interface/versions.js';
import { chooseNewestVersion } from '../models/choose-version.js';

/** `chosen`: null if the plan names the model, or if there is a finding. */
interface Candidate {
  candidate: ModelPlan;
  chosen: ChosenVersion | null;
  findings: string[];
}

/** The candidate of the plan. If the plan names a group, its version. */
export async function chooseCandidate(sagemaker: SageMakerClient, { models }: Plan): Promise<Candidate> {
  const { candidate } = models;
  if (candidate.kind !== 'group') return { candidate, chosen: null, findings: [] };
  const choice = await chooseNewestVersion(sagemaker, candidate.group);
  if ('finding' in choice) return { candidate, chosen: null, findings: [choice.finding] };
  const { chosen } = choice;
  return { candidate: withVersion(candidate, chosen.arn), chosen, findings: [] };
}
