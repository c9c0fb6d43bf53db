import { join } from 'node:path';
import { validationError } from '../http/service-error.js';
import type { Model, TrainingJob } from '../account/resources.js';
import { Artefacts } from './artefacts.js';
import { programEntryOf, programNameOf } from './images.js';
import { ModelServer } from './model-server.js';
import { TrainingRun } from './training-run.js';

/** Runs the programs behind images named `local/NAME`, and ends them all with the emulator. */
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

  /** Refuses a program's model whose artefact is not there; of simulated models nothing is asked. */
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

  /** A process that serves the model; null for a simulated one. */
  serve(model: Model): ModelServer | null {
    const program = programNameOf(model.image);
    if (program === null) return null;
    const entry = programEntryOf(this.root, program, 'serve.mjs');
    const modelFolder = this.artefacts.folderOf(model.modelDataUrl ?? '');
    if (!entry || !modelFolder) throw validationError(`Could not find the program of model "${model.arn}".`);
    const container = model.request.PrimaryContainer ?? model.request.Containers?.[0];
    return this.keep(new ModelServer({ entry, modelFolder, environment: container?.Environment ?? {} }));
  }

  /** Starts the job's program; null for a simulated job. `missing`: a channel's URI that has no files. */
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
        prefix: join(this.data, 'training', job.name),
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

/** Where SageMaker puts a job's model. */
export function artefactOf(job: TrainingJob): string {
  return `${job.request.OutputDataConfig.S3OutputPath.replace(/\/+$/, '')}/${job.name}/output/model.tar.gz`;
}
