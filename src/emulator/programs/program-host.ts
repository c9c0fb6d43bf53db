import { join } from 'node:path';
import { validationError } from '../http/service-error.js';
import type { Model, TrainingJob } from '../account/resources.js';
import { Artefacts } from './artefacts.js';
import { programEntryOf, programNameOf } from './images.js';
import { ModelServer } from './model-server.js';
import { TrainingRun } from './training-run.js';

/** Runs the programs of images named `local/NAME`, and stops them with the emulator. */
export class ProgramHost {
  private readonly artefacts: Artefacts;
  private readonly running = new Set<{ stop(): Promise<void> }>();

  constructor(
    /** Folder of program folders. */
    private readonly root: string,
    private readonly data: string,
  ) {
    this.artefacts = new Artefacts(root, data);
  }

  /** Refuses a model of a program whose artefact does not exist. Simulated models need no artefact. */
  requireArtefact(image: string, modelDataUrl: string | undefined): void {
    const program = programNameOf(image);
    if (program === null) return;
    if (!programEntryOf(this.root, program, 'serve.mjs'))
      throw validationError(`Could not find image "${image}".`);
    if (modelDataUrl === undefined || !this.artefacts.has(modelDataUrl)) {
      throw validationError(`Could not find model data at ${modelDataUrl ?? '(no ModelDataUrl)'}.`);
    }
  }

  requireTrainingProgram(image: string): void {
    const program = programNameOf(image);
    if (program !== null && !programEntryOf(this.root, program, 'train.mjs')) {
      throw validationError(`Could not find image "${image}".`);
    }
  }

  /** The process that serves the model. Null for a simulated model. */
  serve(model: Model): ModelServer | null {
    const program = programNameOf(model.image);
    if (program === null) return null;
    const entry = programEntryOf(this.root, program, 'serve.mjs');
    const modelFolder = this.artefacts.folderOf(model.modelDataUrl ?? '');
    if (!entry || !modelFolder) throw validationError(`Could not find the program of model "${model.arn}".`);
    const container = model.request.PrimaryContainer ?? model.request.Containers?.[0];
    return this.keep(new ModelServer({ entry, modelFolder, environment: container?.Environment ?? {} }));
  }

  /** Starts the program of the job. Null for a simulated job. `missing`: the URI of a channel without files. */
  train(job: TrainingJob, onLine: (line: string) => void): TrainingRun | { missing: string } | null {
    const image = job.request.AlgorithmSpecification.TrainingImage ?? '';
    const program = programNameOf(image);
    const entry = program === null ? null : programEntryOf(this.root, program, 'train.mjs');
    if (!entry) return null;
    const channels: Record<string, string> = {};
    for (const channel of job.request.InputDataConfig ?? []) {
      const uri = channel.DataSource.S3DataSource?.S3Uri ?? '';
      const folder = this.artefacts.folderOf(uri);
      if (!folder || !this.artefacts.has(uri)) return { missing: uri };
      channels[channel.ChannelName] = folder;
    }
    return this.keep(
      new TrainingRun({
        entry,
        // Jobs of two regions can have the same name.
        prefix: join(this.data, 'training', job.arn.replaceAll(/[/:]/g, '-')),
        hyperparameters: job.request.HyperParameters ?? {},
        channels,
        artefact: this.artefacts.folderOf(artefactOf(job)) ?? '',
        onLine,
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running].map((each) => each.stop()));
  }

  private keep<Running extends { stop(): Promise<void> }>(running: Running): Running {
    this.running.add(running);
    return running;
  }
}

/** The URI at which SageMaker stores the model of a job. */
export function artefactOf(job: TrainingJob): string {
  return `${job.request.OutputDataConfig.S3OutputPath.replace(/\/+$/, '')}/${job.name}/output/model.tar.gz`;
}
