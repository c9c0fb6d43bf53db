/** Trains baseline and candidate in parallel, registers them, and creates a SageMaker model for each. */
import { CancellationScope } from '@temporalio/workflow';
import type { TrainedModel } from '../../activities/interface/results.js';
import type { AwsMembers } from '../../plan/compiled/aws-members.js';
import type { ModelPlan } from '../../plan/compiled/model-plan.js';
import type { Role } from '../../plan/compiled/names.js';
import { activityTimeouts, trainingLimitSeconds } from '../../plan/schedule/timeouts.js';
import { proxyRolloutActivities, wasCancelled } from '../temporal/activity-proxy.js';
import { change } from '../monitoring/change.js';
import { waitUntilAllowed } from './wait-until-allowed.js';
import { shouldContinueAsNew, continueAsNewIfNeeded } from '../run/continue-as-new.js';
import type { JobStatus } from '../messages.js';
import type { RolloutContext } from '../run/context.js';
import type { ModelsStep } from '../state/cursor.js';
import { failureOf } from '../temporal/stop.js';
import type { Compensation } from '../temporal/compensations.js';

const roles: Role[] = ['baseline', 'candidate'];

export async function prepareModels(run: RolloutContext, step: ModelsStep): Promise<void> {
  const { state } = run;
  const due = roles.filter((role) => state.plan.models[role].kind === 'train' && !step.artefacts[role]);
  if (step.part === 'before') {
    await waitUntilAllowed(run);
    if (due.length > 0) state.enterPhase('training', `training ${due.join(' and ')}`);
    state.beginPart(step, 'training');
  }
  if (step.part === 'training') {
    await trainModels(run, due, step.artefacts);
    state.beginPart(step, 'trained');
  }
  if (step.part === 'trained') {
    await waitUntilAllowed(run);
    state.enterPhase('registering', 'registering the models and creating SageMaker models');
    state.beginPart(step, 'registering');
  }
  const packages = await registerModels(run, step.artefacts);
  for (const role of roles) {
    const artefact = step.artefacts[role] ?? null;
    const name = state.models[role] ?? (await makeModel(run, role, artefact, packages[role] ?? null));
    if (name !== null) state.models[role] = name;
  }
}

/** The first failure cancels the other work. */
async function inParallel(these: Role[], work: (role: Role) => Promise<void>): Promise<void> {
  await CancellationScope.cancellable(async () => {
    const working = these.map(work);
    try {
      await Promise.all(working);
    } finally {
      CancellationScope.current().cancel();
      await Promise.allSettled(working);
    }
  });
}

/** Runs both jobs in parallel. */
async function trainModels(
  run: RolloutContext,
  due: Role[],
  artefacts: ModelsStep['artefacts'],
): Promise<void> {
  const { models } = run.state.plan;
  await inParallel(due, async (role) => {
    const model = models[role];
    if (model.kind === 'train') artefacts[role] = await trainModel(run, role, model);
  });
}

async function trainModel(
  run: RolloutContext,
  role: Role,
  model: ModelPlan & { kind: 'train' },
): Promise<TrainedModel> {
  const { rolloutId, tags } = run.state.plan;
  const { jobName } = model.training;
  const job = jobOf(run, role, jobName);
  const undo: Compensation = { kind: 'stopTraining', jobName };
  run.compensations.register(undo);
  const { trainModel: train } = proxyRolloutActivities({
    scheduleToCloseSeconds: trainingLimitSeconds(model.training) + activityTimeouts.trainingStart,
    summary: `train ${role}: ${jobName}`,
  });
  try {
    const done = await change(run, () => train({ rolloutId, model, tags }));
    Object.assign(job, { state: 'done', message: describeTraining(done) });
    run.compensations.remove(undo);
    return done;
  } catch (error) {
    const cause = wasCancelled(error) ? null : failureOf(error);
    if (cause) Object.assign(job, { state: 'failed', message: cause.message });
    throw error;
  }
}

/** A previous run of the rollout may have begun the job. */
function jobOf({ state }: RolloutContext, role: Role, jobName: string): JobStatus {
  const known = state.jobs.find((job) => job.jobName === jobName);
  if (known) return known;
  const job: JobStatus = { role, jobName, state: 'running', message: 'started' };
  state.jobs.push(job);
  return job;
}

export async function stopTrainingJob({ state }: RolloutContext, jobName: string): Promise<void> {
  const { stopTraining } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.stopTraining,
    summary: `stop training job ${jobName}`,
  });
  await stopTraining({ jobName });
  const job = state.jobs.find((one) => one.jobName === jobName);
  if (job?.state === 'running') Object.assign(job, { state: 'stopped', message: 'stopped with the rollout' });
}

function describeTraining({ trainingSeconds, metrics }: TrainedModel): string {
  const numbers = Object.entries(metrics).map(([name, value]) => `${name} ${value}`);
  return [`completed in ${trainingSeconds} s`, ...numbers].join(', ');
}

/** The name of the role's SageMaker model; null if the rollout has no such role. `packageArn`: null if it is not registered. */
async function makeModel(
  run: RolloutContext,
  role: Role,
  artefact: TrainedModel | null,
  packageArn: string | null,
): Promise<string | null> {
  const { models, rolloutId, tags: ownTags } = run.state.plan;
  const model = models[role];
  const live = run.state.starting?.kind === 'live' ? run.state.starting : null;
  const carried = { network: live?.network ?? {}, tags: { ...live?.tags.model, ...ownTags } };
  const { createModel } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.modelChange,
    summary: `create model of the ${role}`,
  });
  switch (model.kind) {
    case 'none':
      return null;
    case 'live':
      return liveModelName(run);
    case 'model':
      return model.modelName;
    case 'group':
      throw new Error('preflight passed without a version of the group');
    case 'package':
      await change(run, () =>
        createModel({
          rolloutId,
          modelName: model.modelName,
          role: model.role,
          source: { packageArn: model.arn },
          ...carried,
          ...settingsOf(model),
        }),
      );
      return model.modelName;
    case 'train': {
      if (!artefact) throw new Error(`no artefact of the ${role}`);
      const { servingImage: image, role: iam } = model.training;
      const source = packageArn === null ? { image, artefact: artefact.artefact } : { packageArn };
      await change(run, () =>
        createModel({
          rolloutId,
          modelName: model.modelName,
          role: iam,
          source,
          ...carried,
          ...settingsOf(model),
        }),
      );
      return model.modelName;
    }
  }
}

function settingsOf({ settings }: ModelPlan & { kind: 'package' | 'train' }): { settings?: AwsMembers } {
  return settings === undefined ? {} : { settings };
}

/** ARNs of the versions. A person who approves them is asked for both at once; else the candidate's is the newer one. */
async function registerModels(
  run: RolloutContext,
  artefacts: ModelsStep['artefacts'],
): Promise<Partial<Record<Role, string>>> {
  const { models, registration } = run.state.plan;
  const packages: Partial<Record<Role, string>> = {};
  const awaiting = new Set<Role>();
  const due = roles.filter((role) => registration !== null && run.state.models[role] === undefined);
  const register = async (role: Role) => {
    const [model, trained] = [models[role], artefacts[role]];
    if (model.kind !== 'train' || !trained) return;
    const { packageArn } = await registerModel(run, role, model, trained.artefact, awaiting);
    packages[role] = packageArn;
    run.state.registeredVersions[role] = packageArn;
  };
  if (registration?.approval === 'manual') await inParallel(due, register);
  else for (const role of due) await register(role);
  return packages;
}

/** `awaiting`: roles that wait for an approval in the registry. */
async function registerModel(
  run: RolloutContext,
  role: Role,
  model: ModelPlan & { kind: 'train' },
  artefact: string,
  awaiting: Set<Role>,
): Promise<{ packageArn: string }> {
  const { registration, rolloutId, tags } = run.state.plan;
  if (!registration) throw new Error('no registration planned');
  // A manual approval has no time limit; registration itself takes minutes.
  const scheduleToCloseSeconds = registration.approval === 'manual' ? null : activityTimeouts.modelChange;
  if (scheduleToCloseSeconds === null) {
    awaiting.add(role);
    showAwaited(run, awaiting, registration.group);
  }
  const { registerModel: register } = proxyRolloutActivities({
    scheduleToCloseSeconds,
    summary: `register the ${role} in ${registration.group}`,
  });
  for (;;) {
    continueAsNewIfNeeded(run);
    const registering = () =>
      change(run, () => register({ rolloutId, role, registration, model, artefact, tags }));
    const done = await run.forward.runInterruptible(registering, () => shouldContinueAsNew(run));
    if (!done) continue;
    awaiting.delete(role);
    showAwaited(run, awaiting, registration.group);
    return done;
  }
}

function showAwaited({ state }: RolloutContext, awaiting: ReadonlySet<Role>, group: string): void {
  if (awaiting.size > 0)
    state.setWaitingFor(
      `approval of the ${[...awaiting].join(' and the ')} in model package group ${group}`,
      null,
    );
}

function liveModelName({ state }: RolloutContext): string {
  if (state.starting?.kind !== 'live') throw new Error('preflight passed without a live baseline');
  return state.starting.modelName;
}
