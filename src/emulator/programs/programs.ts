import type { ProgramHost } from './program-host.js';

/** The programs of `local/NAME` images, as an account uses them. */
export type Programs = Pick<ProgramHost, 'requireArtefact' | 'requireTrainingProgram' | 'serve' | 'train'>;

/** Runs no processes: every model and every training job is simulated. */
export const simulatedPrograms: Programs = {
  requireArtefact: () => undefined,
  requireTrainingProgram: () => undefined,
  serve: () => null,
  train: () => null,
};
